"""Files of every format come out as the same text, and broken, packed or hostile ones are refused with the reason."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile

import geopandas as gpd
import pytest
import xlsxwriter

from citycover.city import files
from citycover.city.files import read_table
from citycover.errors import FileFormatError, InputError

HEADER = ["编号", "名称", "经度", "纬度"]
ROWS = [["A1", "东门", "118.5", "32.25"], ["A2", "西门", "118.75", "32.5"]]


def known(cells):
    return sum(cell in HEADER for cell in cells)


def check_rows(raw, *, first_row=2):
    assert list(raw.frame.columns) == HEADER
    assert raw.frame.to_numpy().tolist() == ROWS
    assert raw.rows.tolist() == [first_row, first_row + 1]


def csv_text(delimiter=","):
    return "\n".join(delimiter.join(row) for row in [HEADER, *ROWS]) + "\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_csv_of_any_encoding_and_delimiter_is_found_out(tmp_path, encoding, delimiter):
    path = tmp_path / "r.csv"
    path.write_bytes(csv_text(delimiter).encode(encoding))
    check_rows(read_table(path, score=known))


def test_a_gzipped_csv_is_the_same_table(tmp_path):
    path = tmp_path / "r.csv.gz"
    path.write_bytes(gzip.compress(csv_text().encode("gb18030")))
    raw = read_table(path, score=known)
    check_rows(raw)
    assert raw.stem == "r"


def test_titles_above_the_header_and_blank_rows_keep_the_numbers_of_the_rows(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("某区监控台账,,,\n\n" + csv_text(), encoding="utf-8")
    check_rows(read_table(path, score=known), first_row=4)


def test_a_row_with_an_unquoted_delimiter_is_listed_as_broken_and_the_others_are_read(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text(csv_text() + "A3,北,门,118,32\n", encoding="utf-8")
    raw = read_table(path, score=known)
    check_rows(raw)
    assert raw.broken["row"].tolist() == [4]
    assert "needed 4 cells, given 5" in raw.broken["reason"][0]


def test_a_quote_that_is_never_closed_does_not_swallow_the_file(tmp_path):
    path = tmp_path / "r.csv"
    rows = [f'A{i},"门 {i},118.5,32.5' if i == 3 else f"A{i},门 {i},118.5,32.5" for i in range(100)]
    path.write_text("\n".join([",".join(HEADER), *rows]), encoding="utf-8")
    assert len(read_table(path, score=known).frame) == 100


def test_a_twenty_digit_id_stays_text_in_a_csv(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("设备编码,经度\n32020501421321000017,118.5\n", encoding="utf-8")
    assert read_table(path).frame["设备编码"][0] == "32020501421321000017"


def test_a_header_that_stands_twice_keeps_both_columns(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("名称,备注,备注\na,b,c\n", encoding="utf-8")
    assert list(read_table(path).frame.columns) == ["名称", "备注", "备注.2"]


# --- Excel ---------------------------------------------------------------------------------------------------------


def workbook(path, *, sheets=("台账",), title=True):
    book = xlsxwriter.Workbook(str(path))
    for name in sheets:
        sheet = book.add_worksheet(name)
        top = 2 if title else 0
        if title:
            sheet.merge_range(0, 0, 0, 3, "某区视频监控台账")
        for at, row in enumerate([HEADER, *ROWS]):
            sheet.write_row(top + at, 0, row)
    book.close()
    return path


def test_an_excel_sheet_with_a_merged_title_is_the_same_table(tmp_path):
    check_rows(read_table(workbook(tmp_path / "r.xlsx"), score=known), first_row=4)


def test_a_sheet_is_found_by_name_and_a_wrong_name_lists_the_sheets(tmp_path):
    path = workbook(tmp_path / "r.xlsx", sheets=("一", "二"))
    check_rows(read_table(path, sheet="二", score=known), first_row=4)
    with pytest.raises(InputError, match="一, 二"):
        read_table(path, sheet="三")


def test_without_a_sheet_the_one_whose_header_is_known_is_read(tmp_path):
    book = xlsxwriter.Workbook(str(tmp_path / "r.xlsx"))
    book.add_worksheet("说明").write_row(0, 0, ["填表说明", "一", "二", "三", "四"])
    sheet = book.add_worksheet("数据")
    for at, row in enumerate([HEADER, *ROWS]):
        sheet.write_row(at, 0, row)
    book.close()
    check_rows(read_table(tmp_path / "r.xlsx", score=known))


def test_merged_cells_stand_in_every_row_and_a_header_of_two_lines_is_read(tmp_path):
    """名称 is merged over both lines of the header, 坐标 stands over 经度 and 纬度; a pole is merged over two rows."""
    book = xlsxwriter.Workbook(str(tmp_path / "r.xlsx"))
    sheet = book.add_worksheet()
    sheet.merge_range(0, 0, 1, 0, "名称")
    sheet.merge_range(0, 1, 1, 1, "立杆编号")
    sheet.merge_range(0, 2, 0, 3, "坐标")
    sheet.merge_range(0, 4, 1, 4, "备注")
    sheet.merge_range(0, 5, 1, 5, "地址")
    sheet.write_row(1, 2, ["经度", "纬度"])
    sheet.write_row(2, 0, ["甲"])
    sheet.write_row(3, 0, ["乙"])
    sheet.merge_range(2, 1, 3, 1, "P7")
    sheet.write_row(2, 2, [118.5, 32.5])
    sheet.write_row(3, 2, [118.5, 32.5])
    book.close()
    raw = read_table(
        tmp_path / "r.xlsx", score=lambda cells: sum(c in ("名称", "立杆编号", "经度", "纬度") for c in cells)
    )
    assert list(raw.frame.columns) == ["名称", "立杆编号", "经度", "纬度", "备注", "地址"]
    assert raw.frame["立杆编号"].tolist() == ["P7", "P7"]
    assert raw.rows.tolist() == [3, 4]


def test_a_twenty_digit_id_kept_as_a_number_shows_that_its_digits_are_lost(tmp_path):
    book = xlsxwriter.Workbook(str(tmp_path / "r.xlsx"))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["设备编码", "经度", "序号"])
    sheet.write_row(1, 0, [32020501421321000017, 118.5, 7.0])
    book.close()
    row = read_table(tmp_path / "r.xlsx").frame.iloc[0].tolist()
    assert row == ["3.20205014213210E+19", "118.5", "7"]


def old_workbook(rows):
    """Bytes of an .xls: a compound file (one FAT sector, one directory sector) that holds a BIFF8 stream of labels."""

    def record(kind, body):
        return struct.pack("<HH", kind, len(body)) + body

    def label(r, c, text):
        return record(0x0204, struct.pack("<HHHHB", r, c, 15, len(text), 1) + text.encode("utf-16-le"))

    bof = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    name = "台账"
    sheet_head = struct.pack("<BB", 0, 0) + struct.pack("<BB", len(name), 1) + name.encode("utf-16-le")
    offset = len(bof) + 4 + 4 + len(sheet_head) + 4
    stream = bof + record(0x0085, struct.pack("<I", offset) + sheet_head) + record(0x000A, b"")
    stream += record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    stream += b"".join(label(r, c, text) for r, row in enumerate(rows) for c, text in enumerate(row))
    stream += record(0x000A, b"")
    stream = stream.ljust(-(-max(len(stream), 4096) // 512) * 512, b"\0")
    sectors = len(stream) // 512
    chain = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 2 + sectors), 0xFFFFFFFE]
    fat = struct.pack(f"<{len(chain)}I", *chain).ljust(512, b"\xff")

    def entry(name, kind, start, size, child):
        raw = name.encode("utf-16-le") + b"\0\0"
        return (
            raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw), kind, 1)
            + struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child) + bytes(36) + struct.pack("<IQ", start, size)
        )  # fmt: skip

    directory = entry("Root Entry", 5, 0xFFFFFFFE, 0, 1) + entry("Workbook", 2, 2, len(stream), 0xFFFFFFFF)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0) + struct.pack("<I", 0)
    return head.ljust(512, b"\xff") + fat + directory.ljust(512, b"\0") + stream


def test_an_old_xls_workbook_is_the_same_table(tmp_path):
    (tmp_path / "r.xls").write_bytes(old_workbook([HEADER, *ROWS]))
    check_rows(read_table(tmp_path / "r.xls", score=known))
    check_rows(read_table(tmp_path / "r.xls", sheet="台账", score=known))


# --- geographic files ----------------------------------------------------------------------------------------------


def geo_frame():
    points = gpd.points_from_xy([float(r[2]) for r in ROWS], [float(r[3]) for r in ROWS])
    return gpd.GeoDataFrame({"编号": ["A1", "A2"], "名称": ["东门", "西门"]}, geometry=points, crs=4326)


@pytest.mark.parametrize(("suffix", "driver"), [("geojson", "GeoJSON"), ("gpkg", "GPKG")])
def test_geographic_files_give_text_geometry_and_rows(tmp_path, suffix, driver):
    geo_frame().to_file(tmp_path / f"r.{suffix}", driver=driver)
    raw = read_table(tmp_path / f"r.{suffix}")
    assert raw.frame["名称"].tolist() == ["东门", "西门"]
    assert raw.geometry.x.tolist() == [118.5, 118.75]
    assert raw.rows.tolist() == [2, 3]
    assert raw.crs.to_epsg() == 4326


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK"])
@pytest.mark.parametrize("cpg", [True, False])
@pytest.mark.parametrize("zipped", [True, False])
def test_a_shapefile_is_read_in_chinese_with_and_without_its_cpg_zipped_or_not(tmp_path, encoding, cpg, zipped):
    folder = tmp_path / "in"
    folder.mkdir()
    geo_frame().to_file(folder / "点位.shp", driver="ESRI Shapefile", encoding=encoding)
    if not cpg:
        (folder / "点位.cpg").unlink()
    path = folder / "点位.shp"
    if zipped:
        path = tmp_path / "r.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for member in folder.iterdir():
                archive.write(member, f"数据/{member.name}")
    assert read_table(path).frame["名称"].tolist() == ["东门", "西门"]


def test_kml_gives_names_and_points(tmp_path):
    (tmp_path / "r.kml").write_text(
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
        "<Placemark><name>东门</name><Point><coordinates>118.5,32.25,0</coordinates></Point></Placemark>"
        "</Document></kml>",
        encoding="utf-8",
    )
    raw = read_table(tmp_path / "r.kml")
    assert raw.frame["Name"].tolist() == ["东门"]
    assert raw.geometry.x.tolist() == [118.5]


def test_whole_numbers_with_gaps_stay_whole_in_geographic_files(tmp_path):
    geo_frame().assign(n=[7, None]).to_file(tmp_path / "r.gpkg", driver="GPKG")
    assert read_table(tmp_path / "r.gpkg").frame["n"].tolist()[0] == "7"


def test_a_geopackage_of_several_layers_wants_one_named(tmp_path):
    path = tmp_path / "r.gpkg"
    geo_frame().to_file(path, layer="a", driver="GPKG")
    geo_frame().head(1).to_file(path, layer="b", driver="GPKG")
    with pytest.raises(InputError, match="a, b"):
        read_table(path)
    assert len(read_table(path, sheet="b").frame) == 1


# --- refused -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["r.csv", "r.xlsx", "r.xls", "r.geojson", "r.gpkg", "r.shp", "r.zip", "r.kml", "r.csv.gz"]
)
def test_an_empty_or_broken_file_is_refused_by_name(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"")
    with pytest.raises(FileFormatError, match="empty"):
        read_table(path)
    path.write_bytes(b"\0\1\2 this is nothing \xff\xfe\0")
    with pytest.raises(FileFormatError, match=name):
        read_table(path)


def test_an_absent_file_and_an_unknown_format_are_refused(tmp_path):
    with pytest.raises(FileFormatError, match="no such file"):
        read_table(tmp_path / "r.csv")
    (tmp_path / "r.pdf").write_bytes(b"%PDF")
    with pytest.raises(FileFormatError, match=r"\.xlsx"):
        read_table(tmp_path / "r.pdf")


def test_a_table_with_a_header_only_has_no_rows(tmp_path):
    (tmp_path / "r.csv").write_text("经度,纬度\n", encoding="utf-8")
    assert len(read_table(tmp_path / "r.csv").frame) == 0


def test_a_gzip_bomb_is_stopped_at_the_limit_which_the_message_names(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_UNPACKED_BYTES", 2**20)
    (tmp_path / "r.csv.gz").write_bytes(gzip.compress(b"0," * 2**20))
    with pytest.raises(FileFormatError, match="1 MiB"):
        read_table(tmp_path / "r.csv.gz")


@pytest.mark.parametrize("name", ["r.zip", "r.xlsx"])
def test_a_zip_bomb_is_stopped_at_the_limit_even_when_it_lies_about_its_size(tmp_path, monkeypatch, name):
    monkeypatch.setattr(files, "MAX_UNPACKED_BYTES", 2**20)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(2**21))
    honest = buffer.getvalue()
    (tmp_path / name).write_bytes(honest)
    with pytest.raises(FileFormatError, match="1 MiB"):
        read_table(tmp_path / name)
    lying = honest.replace(struct.pack("<I", 2**21), struct.pack("<I", 100))
    assert lying != honest
    (tmp_path / name).write_bytes(lying)
    with pytest.raises(FileFormatError):
        read_table(tmp_path / name)


def test_a_sheet_that_spans_the_whole_grid_is_stopped_at_the_limit_of_cells(tmp_path):
    """Two cells at opposite corners are a file of 5 kB whose rectangle has 17 thousand million cells."""
    book = xlsxwriter.Workbook(str(tmp_path / "r.xlsx"))
    sheet = book.add_worksheet()
    sheet.write(0, 0, "经度")
    sheet.write(1_048_575, 16_383, 1)
    book.close()
    with pytest.raises(FileFormatError, match="over the limit of 100,000,000 cells"):
        read_table(tmp_path / "r.xlsx")


@pytest.mark.parametrize("name", ["../r.csv", "/tmp/r.csv", "a/../../r.csv", "C:\\r.csv", "..\\r.csv"])
def test_a_name_that_leads_out_of_the_zip_is_refused(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "r.zip", "w") as archive:
        archive.writestr(name, csv_text())
    with pytest.raises(FileFormatError, match="leads outside"):
        read_table(tmp_path / "r.zip")


def test_a_link_inside_a_zip_is_refused(tmp_path):
    info = zipfile.ZipInfo("r.csv")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "r.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(FileFormatError, match="link"):
        read_table(tmp_path / "r.zip")


def test_a_reference_system_named_by_a_link_is_not_followed(tmp_path):
    (tmp_path / "r.geojson").write_text(
        '{"type":"FeatureCollection","crs":{"type":"link","properties":{"href":"http://example.org/crs"}},"features":[]}',
        encoding="utf-8",
    )
    with pytest.raises(FileFormatError, match="not followed"):
        read_table(tmp_path / "r.geojson")


def test_a_disguised_data_source_is_refused(tmp_path):
    (tmp_path / "r.geojson").write_text("<OGRVRTDataSource></OGRVRTDataSource>", encoding="utf-8")
    with pytest.raises(FileFormatError, match="not what its name"):
        read_table(tmp_path / "r.geojson")


def test_a_quote_that_is_never_closed_swallows_no_row(tmp_path):
    """400 rows; row 100 opens a quote that only the quotes of rows 115 and 118 would close: all 400 are rows."""
    lines = [f"c{i},名{i},120.3,31.5" for i in range(400)]
    lines[100], lines[115], lines[118] = 'c100,"未闭合,120.3,31.5', 'c115,好"门",120.3,31.5', 'c118,"好",120.3,31.5'
    path = tmp_path / "r.csv"
    path.write_text("id,name,lon,lat\n" + "\n".join(lines) + "\n", encoding="utf-8")
    raw = read_table(path)
    assert len(raw.frame) + len(raw.broken) == 400
    assert raw.frame["id"].tolist()[:3] == ["c0", "c1", "c2"]
    assert raw.rows.tolist() == list(range(2, 402))


def test_a_comma_and_a_line_break_inside_quotes_stay_inside_their_cell(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text('id,remark,lon,lat\n1,"a,b",120.3,31.5\n2,"one\ntwo",120.4,31.6\n', encoding="utf-8")
    frame = read_table(path).frame
    assert frame["remark"].tolist() == ["a,b", "one\ntwo"]
    assert frame["lon"].tolist() == ["120.3", "120.4"]
