"""Read the catalogue: device classes without brands, and what building, mending and keeping them costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from citycover import terms
from citycover.errors import InputError
from citycover.law.strict import StrictTable, nearest, read_toml
from citycover.terms import Label

SUPPORTS: tuple[str, ...] = ("new_pole", "existing_pole", "wall", "lamp", "signal")
POWER: tuple[str, ...] = ("mains", "existing", "solar")
LINKS: tuple[str, ...] = ("fibre", "existing", "wireless")
CENTRE: tuple[str, ...] = ("platform", "storage")
YEARLY: tuple[str, ...] = ("power", "link", "pole_rent")
MENDS: tuple[str, ...] = ("connect", "repair", "upgrade", "re-aim", "move")
RATES: tuple[str, ...] = ("design", "supervision", "testing", "reserve")
OURS = "ours"

_SECTIONS: dict[str, tuple[str, ...]] = {
    "supports": SUPPORTS,
    "power": POWER,
    "link": LINKS,
    "shares": CENTRE,
    "yearly": YEARLY,
    "actions": MENDS,
    "rates": RATES,
}
_PRICES_OF_CLASS = ("device", "upkeep", "rent")
_NUMBERS_OF_CLASS = ("hfov", "vfov", "tilt", "pixels", "reach", "mount_height", "mbps", "watts")


@dataclass(frozen=True)
class Price:
    """A price (yuan), or a rate (share of a sum); ``made_up`` says that it is nobody's, ``basis`` whose it is."""

    value: float
    made_up: bool
    basis: str


@dataclass(frozen=True)
class DeviceClass:
    """A class of devices: angles in degrees, ``pixels`` across, lengths in metres, Mbit/s, watts, prices in yuan.

    ``device`` is paid once, ``upkeep`` each year; ``rent`` each year instead of both, where the service is bought.
    """

    id: str
    label: Label
    purposes: tuple[str, ...]
    ptz: bool
    hfov: float
    vfov: float
    tilt: float
    pixels: float
    reach: float
    mount_height: float
    mbps: float
    watts: float
    device: Price
    upkeep: Price
    rent: Price

    def storage_tb(self, days: float) -> float:
        """Return the terabytes (10¹² bytes) that one camera fills in so many days: Mbit/s × 86,400 s × days / 8 / 10⁶.

        >>> load_catalogue().classes["fixed_standard"].storage_tb(30)
        1.296
        """
        return self.mbps * 86_400.0 * days / 8.0 / 1e6


@dataclass(frozen=True)
class Cost:
    """What one camera costs: ``parts`` once (yuan, rates included), and ``yearly`` (yuan a year)."""

    parts: Mapping[str, float]
    yearly: float

    @property
    def total(self) -> float:
        """What it costs once (yuan)."""
        return sum(self.parts.values())


@dataclass(frozen=True)
class Catalogue:
    """All classes and prices; ``origin`` is ``ours`` or the planner's file, ``year`` that of the prices."""

    origin: str
    year: int
    classes: Mapping[str, DeviceClass]
    supports: Mapping[str, Price]
    power: Mapping[str, Price]
    link: Mapping[str, Price]
    shares: Mapping[str, Price]
    yearly: Mapping[str, Price]
    actions: Mapping[str, Price]
    rates: Mapping[str, Price]

    def build_cost(
        self,
        device_class: str,
        *,
        support: str = "new_pole",
        power: str = "mains",
        link: str = "fibre",
        retention_days: float = 30.0,
    ) -> Cost:
        """Return what building one camera costs: device, support, power, link, share of the centre, then the rates.

        Raises
        ------
        InputError
            The class, support, power or link is none of the catalogue's.

        Examples
        --------
        >>> cost = load_catalogue().build_cost("fixed_standard", support="wall", power="existing", link="existing")
        >>> round(cost.parts["support"]), round(cost.total, 1)
        (600, 5874.8)
        """
        device = self._one(self.classes, device_class, "device class")
        parts = {
            "device": device.device.value,
            "support": self._one(self.supports, support, "support").value,
            "power": self._one(self.power, power, "power").value,
            "link": self._one(self.link, link, "link").value,
            "platform": self.shares["platform"].value,
            "storage": self.shares["storage"].value * device.storage_tb(retention_days),
        }
        works = sum(parts.values())
        parts |= {rate: self.rates[rate].value * works for rate in RATES if rate != "reserve"}
        parts["reserve"] = self.rates["reserve"].value * sum(parts.values())
        rented = self.yearly["pole_rent"].value if support in ("existing_pole", "lamp", "signal") else 0.0
        yearly = device.upkeep.value + self.yearly["power"].value + self.yearly["link"].value + rented
        return Cost(parts, yearly)

    def action_cost(self, action: str) -> float:
        """Return what mending one camera costs (yuan); 0 for ``drop`` and ``keep``.

        >>> load_catalogue().action_cost("drop")
        0.0
        """
        if action in ("drop", "keep"):
            return 0.0
        return float(self._one(self.actions, action, "action").value)

    def classes_of(self, cameras: pd.DataFrame) -> npt.NDArray[np.object_]:
        """Return the class of each camera (``purpose``, ``ptz``, ``hfov`` in degrees), in row order.

        Of the classes for its purpose (for its overview where it has none, or none serves it) those that turn as it
        does come first, then the one whose angle of view is nearest; an unknown angle counts as 60°.

        >>> load_catalogue().classes_of(pd.DataFrame({"purpose": ["face", None], "hfov": [25.0, 92.0]})).tolist()
        ['face', 'fixed_wide']
        """
        known = list(self.classes.values())
        purpose = _column(cameras, "purpose")
        wanted = purpose.where(purpose.isin({p for c in known for p in c.purposes}), "overview").to_numpy(object)
        hfov = pd.to_numeric(_column(cameras, "hfov")).to_numpy(float, na_value=60.0)
        turns = _column(cameras, "ptz").astype("boolean").fillna(False).to_numpy(bool)
        far = np.column_stack(
            [
                np.abs(hfov - c.hfov) + 1e3 * (turns != c.ptz) + 1e6 * ~np.isin(wanted, np.array(c.purposes, object))
                for c in known
            ]
        )
        return np.asarray(np.array([c.id for c in known], dtype=object)[far.argmin(axis=1)])

    def made_up(self) -> list[str]:
        """Return the names of the prices and rates that are made up, in the order of the file.

        >>> load_catalogue().made_up()[0]
        'classes.fixed_wide.device'
        """
        of_classes = {
            f"classes.{c.id}.{name}": getattr(c, name) for c in self.classes.values() for name in _PRICES_OF_CLASS
        }
        others = {f"{part}.{key}": price for part in _SECTIONS for key, price in getattr(self, part).items()}
        return [name for name, price in (of_classes | others).items() if price.made_up]

    def _one(self, table: Mapping[str, Any], key: str, what: str) -> Any:
        if key not in table:
            raise InputError(f"catalogue: needed a known {what}, given {key!r}{nearest(key, list(table))}")
        return table[key]


def load_catalogue(path: str | Path | None = None) -> Catalogue:
    """Return our catalogue, whose prices are all made up, with a planner's file laid over it.

    Parameters
    ----------
    path
        TOML of the form of ``catalogue.toml``; any part of it. A price given there is the planner's.

    Raises
    ------
    InputError
        The file is no TOML, a key is unknown (the nearest right one is named), a number is negative or missing.

    Examples
    --------
    >>> load_catalogue().actions["connect"].made_up
    True
    """
    return _ours() if path is None else _lay_over(Path(path))


@cache
def _ours() -> Catalogue:
    source = files("citycover") / "audit" / "catalogue.toml"
    return _parse(read_toml(source, error=InputError), source.name, OURS)


def _lay_over(path: Path) -> Catalogue:
    """Lay a planner's file over ours, price by price."""
    raw = read_toml(files("citycover") / "audit" / "catalogue.toml", error=InputError)
    own = read_toml(path, error=InputError)
    for section, given in own.items():
        if section == "classes" and isinstance(given, dict):
            for key, entry in given.items():
                if not isinstance(entry, dict):
                    raise InputError(f"{path.name}, classes, {key}: needed a table, given {entry!r}")
                told = {k: _own_price(v, path) if k in _PRICES_OF_CLASS else v for k, v in entry.items()}
                raw["classes"][key] = raw["classes"].get(key, {}) | told
        elif section in _SECTIONS and isinstance(given, dict):
            raw[section] = raw[section] | {k: _own_price(v, path) for k, v in given.items()}
        else:
            raw[section] = given
    return _parse(raw, path.name, path.name)


def _own_price(given: Any, path: Path) -> Any:
    """Return a planner's price as a table; what is none is left to the parser to refuse."""
    if isinstance(given, dict):
        return {"made_up": False, "basis": path.name} | given
    return {"value": given, "made_up": False, "basis": path.name}


def _parse(raw: dict[str, Any], name: str, origin: str) -> Catalogue:
    root = StrictTable(raw, name, InputError)
    year = int(root.whole("year"))
    table = root.table("classes")
    found = (_class(key, table.table(key)) for key in table.data)
    classes = {c.id: c for c in found if c is not None}
    if not classes:
        raise root.fail("needed one device class or more, given none that is offered")
    sections = {}
    for section, keys in _SECTIONS.items():
        part = root.table(section)
        sections[section] = {key: _price(part, key) for key in keys}
        part.done()
    root.done()
    return Catalogue(origin=origin, year=year, classes=classes, **sections)


def _class(key: str, table: StrictTable) -> DeviceClass | None:
    offered = table.flag("offered", True)
    numbers: dict[str, Any] = {name: table.number(name) for name in _NUMBERS_OF_CLASS}
    prices: dict[str, Any] = {name: _price(table, name) for name in _PRICES_OF_CLASS}
    if not 0.0 < numbers["hfov"] <= 360.0:
        raise table.fail(f"key 'hfov': needed above 0 and at most 360 degrees, given {numbers['hfov']:g}")
    device = DeviceClass(
        id=key,
        label=table.label(),
        purposes=table.words("purposes", terms.PURPOSES),
        ptz=table.flag("ptz", False),
        **numbers,
        **prices,
    )
    table.done()
    return device if offered else None


def _price(table: StrictTable, key: str) -> Price:
    rate = table.where.endswith("rates")
    part = table.table(key)
    if not part.data:
        raise table.fail(f"needed the key {key!r} ({'a share' if rate else 'yuan'}), given none")
    unit = "value" if "value" in part.data else "share" if rate else "yuan"
    value = part.number(unit)
    if rate and value > 1.0:
        raise part.fail(f"needed a share of at most 1, given {value:g}")
    price = Price(value, part.flag("made_up"), part.text("basis", OURS))
    part.done()
    return price


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    return pd.Series(frame[name]) if name in frame.columns else pd.Series(None, index=frame.index, dtype="object")
