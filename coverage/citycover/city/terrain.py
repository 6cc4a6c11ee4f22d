"""Heights of the ground from a raster."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pyproj import CRS

from citycover.errors import FileFormatError, InputError

Floats = npt.NDArray[np.float64]

LOWEST = -500.0
"""Heights below this (m) are voids, whatever the raster calls them: no land lies so low."""

MOST_CELLS = 100_000_000
"""Most cells that are read."""


@dataclass(frozen=True)
class Terrain:
    """Heights of the ground (m over the sea) on square cells of a metric reference system; NaN where unknown.

    ``heights`` is rows × columns, the first row in the north; (``x0``, ``y0``) is the middle of the north-west cell,
    ``cell`` the side of a cell (m). Between the middles the ground is bilinear.
    """

    heights: Floats
    x0: float
    y0: float
    cell: float

    def ground(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Floats:
        """Return the height of the ground at points; NaN outside the raster and at voids.

        >>> slope = Terrain(np.array([[10.0, 20.0], [10.0, 20.0]]), 0.0, 100.0, 100.0)
        >>> slope.ground([0, 50, -1], [50, 50, 50]).tolist()
        [10.0, 15.0, nan]
        """
        c = (np.atleast_1d(np.asarray(x, float)) - self.x0) / self.cell
        r = (self.y0 - np.atleast_1d(np.asarray(y, float))) / self.cell
        rows, columns = self.heights.shape
        inside = (r >= 0.0) & (c >= 0.0) & (r < rows) & (c < columns)
        i, j = (np.where(inside, np.floor(part), 0).astype(np.int64) for part in (r, c))
        v, u = r - i, c - j
        k, m = np.minimum(i + 1, rows - 1), np.minimum(j + 1, columns - 1)
        north = self.heights[i, j] * (1.0 - u) + self.heights[i, m] * u
        south = self.heights[k, j] * (1.0 - u) + self.heights[k, m] * u
        return np.asarray(np.where(inside, north * (1.0 - v) + south * v, np.nan), float)

    def filled(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Floats:
        """Return the heights with the median of the known ones where they are unknown; for distances only."""
        ground = self.ground(x, y)
        known = ground[np.isfinite(ground)]
        return np.where(np.isfinite(ground), ground, float(np.median(known)) if len(known) else 0.0)


def read_terrain(path: str | Path, *, crs: CRS, bounds: tuple[float, float, float, float] | None = None) -> Terrain:
    """Read a raster of heights and turn it into the study's reference system; voids stay unknown.

    Parameters
    ----------
    path
        Any raster that GDAL reads, one band, metres over the sea.
    crs
        The metric reference system wanted.
    bounds
        xmin, ymin, xmax, ymax in ``crs``: only this part is kept.

    Raises
    ------
    FileFormatError
        The file is no raster, has no reference system, or is too large.
    InputError
        The raster does not meet ``bounds``, or rasterio is not installed (extra ``terrain``).
    """
    try:
        import rasterio
        from rasterio.enums import Resampling
        from rasterio.transform import from_origin
        from rasterio.warp import calculate_default_transform, reproject, transform_bounds
    except ImportError as error:
        raise InputError("terrain: needed the extra 'terrain' (rasterio), which is not installed") from error
    file = Path(path)
    try:
        with warnings.catch_warnings(), rasterio.open(file) as source:
            warnings.simplefilter("ignore", PendingDeprecationWarning)  # rasterio's own, about its matrices
            if source.crs is None:
                raise FileFormatError(f"{file.name}: needed a raster with a reference system, given none")
            if source.width * source.height > MOST_CELLS:
                raise FileFormatError(f"{file.name}: {source.width * source.height:,} cells, over {MOST_CELLS:,}")
            raw = source.read(1, out_dtype="float32")
            void = ~(raw > LOWEST) | (raw == source.nodata) if source.nodata is not None else ~(raw > LOWEST)
            wanted = crs.to_wkt()
            step = calculate_default_transform(source.crs, wanted, source.width, source.height, *source.bounds)[0].a
            low = transform_bounds(source.crs, wanted, *source.bounds)
            if bounds is not None:
                edge = 2.0 * step
                low = (
                    max(low[0], bounds[0] - edge),
                    max(low[1], bounds[1] - edge),
                    min(low[2], bounds[2] + edge),
                    min(low[3], bounds[3] + edge),
                )
            if low[0] >= low[2] or low[1] >= low[3]:
                raise InputError(f"{file.name}: needed heights of the study's area, the raster lies elsewhere")
            shape = (int(np.ceil((low[3] - low[1]) / step)) + 1, int(np.ceil((low[2] - low[0]) / step)) + 1)
            way: dict[str, Any] = {
                "src_transform": source.transform,
                "src_crs": source.crs,
                "dst_transform": from_origin(low[0], low[3], step, step),
                "dst_crs": wanted,
                "resampling": Resampling.bilinear,
            }
            heights, holes = np.full(shape, np.nan, np.float32), np.full(shape, np.nan, np.float32)
            reproject(np.where(void, np.float32(0.0), raw), heights, dst_nodata=np.nan, **way)
            reproject(void.astype("float32"), holes, dst_nodata=np.nan, **way)
    except rasterio.errors.RasterioIOError as error:
        raise FileFormatError(f"{file.name}: cannot be read as a raster of heights") from error
    known = holes <= 0.0  # no void has a part in the cell
    return Terrain(
        np.where(known, heights, np.nan).astype(np.float64), low[0] + step / 2.0, low[3] - step / 2.0, float(step)
    )
