"""Says in both languages what became of a decision."""

from __future__ import annotations

from citycover import terms

STATES: dict[str, terms.Label] = {
    "used": ("已采用", "used"),
    "stale": ("找不到对象", "its subject is no longer found"),
    "expired": ("已过期", "no longer valid"),
    "superseded": ("被后来的决定取代", "replaced by a later decision"),
    "refused": ("无法采用", "cannot be applied"),
    "unread": ("本次研究没有采用它的步骤", "no step of this study reads it"),
}
"""What became of a decision."""

SUBJECTS: dict[str, str] = {
    "place": "场所",
    "entrance": "出入口",
    "camera": "摄像机",
    "mandate": "建设要求",
    "gap": "缺口",
    "ban": "禁止安装的区域",
    "pair": "摄像机对",
    "site": "拟建点位",
}
"""What a decision is about, in Chinese; the keys are the English words."""

DEFUSED = r"^'(?=[=@+\-])"
"""The apostrophe that keeps a spreadsheet from running a text as a formula."""

DROPPED: terms.Label = ("已删除", "dropped")


class StaleError(Exception):
    """A decision whose subject is not in the data."""


class RefusedError(Exception):
    """A decision that cannot be applied, with the reason for its row in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.reason: terms.Label = (zh, en)
