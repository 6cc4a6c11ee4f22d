"""How sharply a lens shows what stands at a distance, and which ground lies in its picture.

Angles are degrees, lengths metres, densities pixels per metre (px/m) across the line of sight.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from citycover.errors import InputError

Floats = npt.NDArray[np.float64]

SENSORS: dict[str, tuple[float, float]] = {
    "1/4": (3.6, 2.7),
    "1/3": (4.8, 3.6),
    "1/2.9": (4.96, 3.72),
    "1/2.8": (5.12, 2.88),
    "1/2.7": (5.37, 4.04),
    "1/2.5": (5.76, 4.29),
    "1/2": (6.4, 4.8),
    "1/1.8": (7.18, 5.32),
    "2/3": (8.8, 6.6),
}
"""Width and height (mm) of image sensors by their inch format, as makers' sheets commonly give them; second-hand."""

WIDE_ANGLE = 150.0
"""From this horizontal angle on, a lens is taken as equidistant (fisheye): no flat sensor sees that wide."""


def load_edition(name: str | Path = "IEC 62676-4:2014") -> tuple[float, ...]:
    """Return the pixel densities (px/m) of an edition of the standard, coarsest first; second-hand figures.

    A planner may give another table: the path of a TOML file with ``levels``, a rising list of px/m above zero.

    Raises
    ------
    InputError
        The edition is not in ``densities.toml``; the planner's file is missing, no TOML, or its levels do not rise.

    Examples
    --------
    >>> load_edition("IEC 62676-4:2025")
    (20.0, 40.0, 80.0, 125.0, 250.0, 500.0, 1500.0)
    """
    text = resources.files("citycover.sight").joinpath("densities.toml").read_text(encoding="utf-8")
    editions = {key: value for key, value in tomllib.loads(text).items() if isinstance(value, dict)}
    if str(name).lower().endswith(".toml"):
        return _own_levels(Path(name))
    if name not in editions:
        raise InputError(f"edition of densities: needed one of {', '.join(editions)}, given {name!r}")
    return tuple(float(level) for level in editions[name]["levels"])


def _own_levels(file: Path) -> tuple[float, ...]:
    """Return the levels of the planner's own table."""
    try:
        levels = tomllib.loads(file.read_text(encoding="utf-8-sig")).get("levels")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"edition of densities: {file.name} cannot be read as TOML ({error})") from error
    numbers = levels if isinstance(levels, list) else []
    rising = all(isinstance(n, int | float) and not isinstance(n, bool) and np.isfinite(n) for n in numbers)
    if not numbers or not rising or not np.all(np.diff([0.0, *map(float, numbers)]) > 0.0):
        raise InputError(
            f"edition of densities: {file.name} needed levels = [a, b, …] rising from above 0, given {levels}"
        )
    return tuple(float(n) for n in numbers)


def find_angles(focal_length: npt.ArrayLike, sensors: Sequence[Any]) -> tuple[Floats, Floats]:
    """Return horizontal and vertical angles of view (°) of focal lengths (mm) and sensors; NaN where unknown.

    A sensor is its width in millimetres (then its height is unknown) or a format of :data:`SENSORS`:
    ``2 atan(size / (2 focal_length))``.

    >>> [a.round(2).tolist() for a in find_angles([4.0, 2.8, 4.0], ['1/3"', "4.8", None])]
    [[61.93, 81.2, nan], [48.46, nan, nan]]
    """
    which, found = pd.factorize(np.array([*sensors, None], dtype=object)[:-1])  # -1: none, the last of the sizes
    named = [*map(_sensor_key, found), ""]
    sizes = np.array([SENSORS.get(key) or (_number(key), np.nan) for key in named], float)
    focal = np.asarray(focal_length, float)
    focal = np.where(focal > 0.0, focal, np.nan)
    angles = np.degrees(2.0 * np.arctan(sizes[which] / (2.0 * focal[:, None])))
    return angles[:, 0], angles[:, 1]


def _sensor_key(sensor: Any) -> str:
    """Return a sensor's format without quotes and blanks; empty where there is none."""
    return "" if pd.isna(sensor) else re.sub(r"[\s\"″”]|英寸|mm", "", str(sensor))[:16]


def _number(key: str) -> float:
    return float(key) if re.fullmatch(r"\d+(\.\d+)?", key) and float(key) > 0.0 else np.nan


def pixels_per_radian(pixels: npt.ArrayLike, hfov: npt.ArrayLike) -> Floats:
    """Return the pixel density at one metre: divide by the distance to get the density there.

    Below :data:`WIDE_ANGLE` a flat sensor: ``pixels / (2 tan(hfov / 2))``, the density on the optical axis. From there
    on an equidistant lens: ``pixels / hfov`` in radians. Broadcasts.

    >>> pixels_per_radian([1920, 3840], [90, 360]).round(1).tolist()
    [960.0, 611.2]
    """
    angle = np.radians(np.asarray(hfov, float))
    flat = 2.0 * np.tan(np.minimum(angle, np.radians(WIDE_ANGLE)) / 2.0)
    divisor = np.where(angle >= np.radians(WIDE_ANGLE), angle, flat)
    return np.asarray(np.asarray(pixels, float) / divisor, float)


def pixel_density(pixels: npt.ArrayLike, hfov: npt.ArrayLike, distance: npt.ArrayLike) -> Floats:
    """Return the pixel density (px/m) at slant distances: ``pixels / (2 tan(hfov / 2) distance)``. Broadcasts.

    The distance is taken along the line of sight, not along the optical axis: at the picture's rim that is the lower,
    safer figure. Wide lenses: see :func:`pixels_per_radian`.

    >>> float(pixel_density(1920, 90, 10).round(6))
    96.0
    """
    return np.asarray(pixels_per_radian(pixels, hfov) / np.asarray(distance, float), float)


def slant_distance(ground_distance: npt.ArrayLike, mount_height: npt.ArrayLike, height: npt.ArrayLike = 0.0) -> Floats:
    """Return the distance from a lens at ``mount_height`` to a point at ``height``. Broadcasts.

    >>> float(slant_distance(4, 4.5, 1.5))
    5.0
    """
    drop = np.asarray(mount_height, float) - np.asarray(height, float)
    return np.asarray(np.hypot(np.asarray(ground_distance, float), drop), float)


def depression(ground_distance: npt.ArrayLike, mount_height: npt.ArrayLike, height: npt.ArrayLike = 0.0) -> Floats:
    """Return the angle below the horizon at which a lens sees a point at ``height``. Broadcasts.

    >>> float(depression(4, 5.5, 1.5))
    45.0
    """
    drop = np.asarray(mount_height, float) - np.asarray(height, float)
    return np.asarray(np.degrees(np.arctan2(drop, np.asarray(ground_distance, float))), float)


def near_edge(
    mount_height: npt.ArrayLike, tilt: npt.ArrayLike, vfov: npt.ArrayLike, *, height: npt.ArrayLike = 0.0
) -> Floats:
    """Return where the lower rim of the picture meets a target's height: ``(h - z) / tan(tilt + vfov / 2)``.

    0 where the picture reaches down to the pole's foot, infinite where it shows nothing at that height. Broadcasts.

    Raises
    ------
    InputError
        A lens is not above the target's height.

    Examples
    --------
    >>> near_edge(4, [30, 80, -20], 30).round(2).tolist()
    [4.0, 0.0, inf]
    """
    return _ground_edge(_drop(mount_height, height), np.asarray(tilt, float) + np.asarray(vfov, float) / 2.0)


def far_edge(
    mount_height: npt.ArrayLike, tilt: npt.ArrayLike, vfov: npt.ArrayLike, *, height: npt.ArrayLike = 0.0
) -> Floats:
    """Return where the upper rim of the picture meets a target's height: ``(h - z) / tan(tilt - vfov / 2)``.

    Infinite where the upper rim lies at the horizon or above it. Broadcasts.

    Raises
    ------
    InputError
        A lens is not above the target's height.

    Examples
    --------
    >>> far_edge(4, [30, 10], 30).round(2).tolist()
    [14.93, inf]
    """
    return _ground_edge(_drop(mount_height, height), np.asarray(tilt, float) - np.asarray(vfov, float) / 2.0)


def _drop(mount_height: npt.ArrayLike, height: npt.ArrayLike) -> Floats:
    """Return how far the lens stands above the target."""
    lens, target = np.broadcast_arrays(np.asarray(mount_height, float), np.asarray(height, float))
    under = (lens < target) | ((lens == target) & (target > 0.0))
    if under.any():
        at = np.argwhere(under)[0]
        raise InputError(
            "mount_height: needed a lens above the target's height, "
            f"given {lens[tuple(at)]:g} m under {target[tuple(at)]:g} m"
        )
    return np.asarray(lens - target, float)


def _ground_edge(mount_height: npt.ArrayLike, below: Floats) -> Floats:
    height, below = np.broadcast_arrays(np.asarray(mount_height, float), below)
    slope = np.tan(np.radians(np.clip(below, 1e-9, 89.999999)))
    edge = np.where(below >= 90.0, 0.0, np.where(below <= 0.0, np.inf, height / slope))
    return np.where(np.isnan(below) | np.isnan(height), np.nan, edge)


@dataclass(frozen=True)
class Lens:
    """A lens with its sensor: angles of view in degrees, pixels across; None where unknown."""

    hfov: float
    vfov: float | None = None
    pixels: int | None = None

    def __post_init__(self) -> None:
        """Refuse impossible angles and pixels."""
        if not 0.0 < self.hfov <= 360.0:
            raise InputError(f"lens: needed 0 < hfov <= 360 degrees, given {self.hfov}")
        if self.vfov is not None and not 0.0 < self.vfov <= 180.0:
            raise InputError(f"lens: needed 0 < vfov <= 180 degrees, given {self.vfov}")
        if self.pixels is not None and self.pixels <= 0:
            raise InputError(f"lens: needed at least one pixel across, given {self.pixels}")

    @classmethod
    def from_focal(
        cls, focal: float, sensor_width: float, *, sensor_height: float | None = None, pixels: int | None = None
    ) -> Lens:
        """Return the lens of a focal length and a sensor's size, all in millimetres: ``hfov = 2 atan(w / 2f)``.

        Raises
        ------
        InputError
            A length is not above zero.

        Examples
        --------
        >>> lens = Lens.from_focal(25, 4.8, pixels=1920)
        >>> float(lens.density(10).round(6))
        1000.0
        """
        sizes = [focal, sensor_width] + ([] if sensor_height is None else [sensor_height])
        if not all(np.isfinite(size) and size > 0.0 for size in sizes):
            raise InputError(f"lens: needed focal length and sensor above zero (mm), given {sizes}")
        angles = [float(np.degrees(2.0 * np.arctan(size / (2.0 * focal)))) for size in sizes[1:]]
        return cls(angles[0], angles[1] if len(angles) > 1 else None, pixels)

    @classmethod
    def from_register(cls, row: Mapping[str, Any]) -> Lens | None:
        """Return the lens that a register's row describes, None where its angle cannot be known.

        ``hfov`` (degrees) speaks first; else ``focal_length`` and ``sensor``: a width in millimetres or an inch format
        such as ``1/2.7``, see :data:`SENSORS`. ``vfov`` and ``pixels`` are taken where they stand.

        Raises
        ------
        InputError
            A number is impossible, or the sensor's format is unknown.

        Examples
        --------
        >>> Lens.from_register({"focal_length": 25, "sensor": "1/3", "pixels": 1920}).density(10).round(3).tolist()
        1000.0
        >>> Lens.from_register({"pixels": 1920}) is None
        True
        """

        def number(name: str) -> float | None:
            value = row.get(name)
            if value is None or pd.isna(value) or value == "":
                return None
            try:
                return float(value)
            except (TypeError, ValueError) as error:
                raise InputError(f"{name}: needed a number, given {value!r}") from error

        pixels = number("pixels")
        across = None if pixels is None else int(pixels)
        angle, focal, sensor = number("hfov"), number("focal_length"), row.get("sensor")
        if angle is not None:
            return cls(angle, number("vfov"), across)
        if focal is None or sensor is None or pd.isna(sensor) or sensor == "":
            return None
        text = _sensor_key(sensor)
        if re.fullmatch(r"\d+(\.\d+)?", text):
            return cls.from_focal(focal, float(text), pixels=across)
        if text not in SENSORS:
            raise InputError(f"sensor: needed a width in mm or one of {', '.join(SENSORS)}, given {sensor!r}")
        width, height = SENSORS[text]
        return cls.from_focal(focal, width, sensor_height=height, pixels=across)

    def density(self, distance: npt.ArrayLike) -> Floats:
        """Return the pixel density (px/m) at slant distances.

        Raises
        ------
        InputError
            The lens has no number of pixels.
        """
        if self.pixels is None:
            raise InputError("lens: needed the number of pixels across for a density, given none")
        return pixel_density(self.pixels, self.hfov, distance)

    def distance(self, density: npt.ArrayLike) -> Floats:
        """Return how far away the lens still shows a density (px/m).

        >>> float(Lens(90, pixels=1920).distance(96).round(6))
        10.0
        """
        if self.pixels is None:
            raise InputError("lens: needed the number of pixels across for a distance, given none")
        return np.asarray(pixels_per_radian(self.pixels, self.hfov) / np.asarray(density, float), float)
