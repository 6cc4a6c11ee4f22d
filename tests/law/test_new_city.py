"""A fifth city is one TOML file, without Python."""

from __future__ import annotations

import pandas as pd

from citycover import tables
from citycover.law.builders import assign_builders
from citycover.law.mandates import find_mandates
from citycover.law.rulebook import load_rulebook

FIFTH = """
[rulebook]
id = "hangzhou_2030"
role = "city"
title_zh = "示例市办法"
title_en = "Measures of a made city"
city_zh = "示例"
city_en = "Made"
nature_zh = "示例"
nature_en = "example"
in_force = 2030-01-01
articles = 4
validity_checked = false
validity_zh = "示例"
validity_en = "an example"

[[items]]
article = "第二条"
item = "（一）"
zh = "交通"
en = "traffic"
part = "key_parts"
rows = [
  { term = "大型桥梁", kind = "bridge", qualifier = "大型", scope = "explicit", criterion = "large_bridge" },
  { term = "公共停车场", kind = "public_parking", part = "public_safety_parts" },
]

[[builders]]
id = "police"
article = "第三条"
builder = "police"
confidence = "medium"
needs = ["operating_unit"]
zh = "无运营管理单位的，由公安机关建设"
en = "without an operating unit: the police"
when = { items = ["（一）"], kinds = ["public_parking"], operated = ["recorded_no"] }

[[builders]]
id = "asked"
article = "第三条"
builder = "review"
confidence = "low"
needs = ["operating_unit"]
alternatives = ["police", "operating_unit"]
zh = "是否有运营管理单位未知"
en = "an operating unit is unknown"
when = { kinds = ["public_parking"], operated = ["unknown", "hinted_yes"] }

[[builders]]
id = "rest"
article = "第三条"
builder = "owner"
confidence = "low"
zh = "其余由所有者建设"
en = "the rest: the owner"

[[out_of_scope]]
article = "第一条"
zh = "目的"
en = "purpose"

[[out_of_scope]]
article = "第四条"
zh = "施行"
en = "start"
"""


def test_a_fifth_city_needs_one_file_and_no_python(make_city, tmp_path):
    path = tmp_path / "hangzhou_2030.toml"
    path.write_text(FIFTH, encoding="utf-8")
    book = load_rulebook(path)
    city = make_city(
        {"place_id": "a", "kind": "bridge", "length": 100.0},
        {"place_id": "b", "kind": "bridge", "length": 99.0},
        {"place_id": "c", "kind": "bridge"},
        {"place_id": "d", "kind": "public_parking"},
        {"place_id": "e", "kind": "public_parking", "fee": "yes"},
        {"place_id": "f", "kind": "public_parking"},
        {"place_id": "g", "kind": "public_parking"},
    )
    rows = [("f", "无"), ("g", "停车公司")]
    records = tables.conform("records", [{"place_id": p, "fact": "operating_unit", "value": v} for p, v in rows])
    out = assign_builders(find_mandates(city, book), book, records=records).set_index("place_id")
    assert out["standing"].to_dict() == {
        "a": "qualified",
        "c": "undecided",
        "d": "named",
        "e": "named",
        "f": "named",
        "g": "named",
    }
    assert out["builder"].to_dict() == {
        "a": "owner",
        "c": "owner",
        "d": "review",
        "e": "review",
        "f": "police",
        "g": "owner",
    }
    assert out.loc["a", "part"] == "key_parts"
    assert out.loc["d", "part"] == "public_safety_parts"
    assert pd.isna(out.loc["g", "needs_record"])
    assert "fee=yes" in out.loc["e", "builder_evidence"]
