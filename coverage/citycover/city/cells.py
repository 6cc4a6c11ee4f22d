"""Cells of a register as numbers, dates, yes-or-no, and directions of view; what cannot be read is counted."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from citycover.city.codes import load_codes

Bools = npt.NDArray[np.bool_]
_PREFIX = r"^(?:朝向|面向|面朝|方向|朝|向|由西|从西)?"


@dataclass
class Notes:
    """What was noticed in the rows of one register: a count per code, and the codes of each row."""

    rows: int
    counts: dict[str, int] = field(default_factory=dict)
    masks: dict[str, Bools] = field(default_factory=dict)

    def add(self, code: str, where: npt.ArrayLike) -> None:
        """Count the rows where something was noticed; nothing is counted where there is none."""
        found = np.asarray(where, dtype=bool)
        if found.any():
            self.masks[code] = self.masks.get(code, np.zeros(self.rows, bool)) | found
            self.counts[code] = int(self.masks[code].sum())

    def flags(self) -> pd.Series:
        """Return the codes of each row, joined by ``;``; null where nothing was noticed."""
        text = pd.Series([""] * self.rows, dtype="str")
        for code, where in self.masks.items():
            text = text.where(~where, text + ";" + code)
        text = text.str.lstrip(";")
        return text.mask(text == "")


def numbers(texts: pd.Series, low: float, high: float, *, notes: Notes, name: str) -> pd.Series:
    """Return numbers in [low, high]; a unit behind the number is ignored, anything else is null and counted.

    >>> numbers(pd.Series(["6.5米", "-3", "x", None]), 0, 200, notes=Notes(4), name="mount_height").tolist()
    [6.5, nan, nan, nan]
    """
    if bool(texts.isna().all()):
        return pd.Series(np.nan, index=texts.index)
    plain = texts.astype("str").str.normalize("NFKC").str.replace(r"[,\s]", "", regex=True)
    plain = plain.str.replace(r"(?:°|度|米|天|日|m|px|像素|台|个|路|%)$", "", regex=True)
    values = pd.to_numeric(plain, errors="coerce").astype("float64")
    values = values.where((values >= low) & (values <= high))
    notes.add(f"{name}_unreadable", texts.notna() & values.isna())
    return values


def dates(texts: pd.Series, *, notes: Notes, name: str) -> pd.Series:
    """Return ISO 8601 dates of 2021-03-05, 2021/3/5, 2021.3.5, 20210305, 2021年3月5日 or an Excel day number.

    >>> dates(pd.Series(["2021年3月5日", "44260", "soon"]), notes=Notes(3), name="filed_on").tolist()
    ['2021-03-05', '2021-03-05', nan]
    """
    if bool(texts.isna().all()):
        return texts.astype("str")
    text = texts.astype("str").str.normalize("NFKC").str.strip()
    parts = text.str.extract(r"^(\d{4})(?:[-/.年]?)(\d{1,2})(?:[-/.月]?)(\d{1,2})日?(?:[T\s].*)?$")
    parts = parts.where(~text.str.fullmatch(r"\d{5,7}", na=False))
    joined = parts[0] + "-" + parts[1].str.zfill(2) + "-" + parts[2].str.zfill(2)
    found = pd.to_datetime(joined, format="%Y-%m-%d", errors="coerce")
    serial = pd.to_numeric(text.where(text.str.fullmatch(r"\d{5}", na=False)), errors="coerce")
    found = found.fillna(pd.Timestamp("1899-12-30") + pd.to_timedelta(serial, unit="D"))
    out = found.dt.strftime("%Y-%m-%d").astype("str")
    notes.add(f"{name}_unreadable", texts.notna() & out.isna())
    return out


def truths(texts: pd.Series, *, notes: Notes, name: str) -> pd.Series:
    """Return yes or no of 是, 否, 有, 无, true, 1 and the like; anything else is null and counted."""
    if bool(texts.isna().all()):
        return texts.astype("boolean")
    words = load_codes()["bool"]["words"]
    values = texts.astype("str").str.normalize("NFKC").str.strip().str.lower().astype(object).map(words)
    notes.add(f"{name}_unreadable", texts.notna() & values.isna())
    return values.astype("boolean")


def azimuths(texts: pd.Series, *, codes: bool, notes: Notes) -> tuple[pd.Series, pd.Series, Bools]:
    """Return directions of view, clockwise from true north, with their source, and where a row says "all round".

    Numbers in [0, 360) and compass words in Chinese, English and Korean are directions; `A向B` looks towards B. 360
    and beyond is none: in practice it is an angle of view. A column in which at least one number in ten is 360 is taken
    for a column of angles of view as a whole, and gives no direction at all. With ``codes`` (监控方位, DirectionType),
    1 to 9 are the codes of GB/T 28181, unless more than one number in ten is greater: then 1 to 9 mean nothing sure.
    Everything else is unknown and counted.

    >>> azimuth, source, around = azimuths(pd.Series(["3", "西向东", "8-西北", "9"]), codes=True, notes=Notes(4))
    >>> azimuth.tolist(), source.tolist()
    ([180.0, 90.0, 315.0, nan], ['code', 'word', 'word', nan])
    """
    if bool(texts.isna().all()):
        return pd.Series(np.nan, index=texts.index), texts.astype("str"), np.zeros(len(texts), bool)
    table = {str(k): v for k, v in load_codes()["direction_type"]["common"].items()}
    words = load_codes()["compass"]["words"]
    text = texts.astype("str").str.normalize("NFKC").str.strip().str.lower()
    number = pd.to_numeric(text.str.replace(r"(?:°|度|도)$", "", regex=True), errors="coerce").astype("float64")
    label = text.str.replace(r"^\d\s*[-:.、\s]*\s*(?=\D)", "", regex=True)
    label = label.str.replace(r"[(（].*$|[\s-]", "", regex=True)
    label = label.str.replace(r"^.*(?:向|往|至|到)(?=[东南西北])", "", regex=True)
    label = label.str.replace(r"^(?:朝|面朝|面|正)(?=[东南西北])", "", regex=True)
    label = label.str.replace(r"(?:方向|方位|侧|向|方|面|边|bound|쪽|향|측|방향)$", "", regex=True)
    said = label.astype(object).map(words)
    coded = text.astype(object).map(table) if codes else pd.Series([None] * len(text), index=text.index, dtype=object)
    if codes and 10 * int((number > 9).sum()) > int(number.notna().sum()):
        notes.add("azimuth_code_or_degrees", number.between(1, 9))
        coded = coded.where(text.isna(), None)
        number = number.where(~number.between(1, 9))
    elif codes:
        number = number.where(number == 360)
    angles = 10 * int((number == 360).sum()) >= max(int(number.notna().sum()), 1) and bool((number == 360).any())
    notes.add("azimuth_looks_like_angle_of_view", number.notna() if angles else number >= 360)
    degrees = number.where((number >= 0) & (number < 360) & (not angles))
    around = ((said == "all") | (coded == "all")).to_numpy(dtype=bool)
    from_code = pd.to_numeric(coded.mask(coded == "all"), errors="coerce").astype("float64")
    from_word = pd.to_numeric(said.mask(said == "all"), errors="coerce").astype("float64")
    source = pd.Series([None] * len(text), index=text.index, dtype="str")
    source = source.mask(degrees.notna(), "number").mask(from_word.notna(), "word").mask(from_code.notna(), "code")
    azimuth = from_code.fillna(from_word).fillna(degrees)
    notes.add("azimuth_all_round", around)
    seen = notes.masks.get("azimuth_looks_like_angle_of_view", np.zeros(len(text), bool))
    seen = seen | notes.masks.get("azimuth_code_or_degrees", np.zeros(len(text), bool))
    notes.add("azimuth_unreadable", texts.notna() & azimuth.isna() & ~around & ~seen)
    return azimuth, source, around
