"""Workbooks as other programs write them, and as nobody should: wrong sizes, odd references, bombs, damage."""

from __future__ import annotations

import random
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

from orchestration.declaration.file_options import FileOptions
from orchestration.landing.errors import LandingError
from orchestration.landing.formats import workbook
from orchestration.landing.formats.excel_stream import ExcelStream
from orchestration.landing.formats.number_formats import number_format
from orchestration.landing.formats.workbook import WorkbookError, opened, unescaped

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
COLUMNS = {"contact_id": "text", "amount": "decimal(18,2)"}
HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>contact_id</t></is></c><c r="B1" t="str"><v>amount</v></c></row>'


def cell(place: str, value: object, *, kind: str = "n", style: int = 0) -> str:
    return f'<c r="{place}" t="{kind}" s="{style}"><v>{value}</v></c>'


def write(path: Path, rows: str, *, before: str = "", shared: str = "", formats: str = "", space: str = MAIN) -> Path:
    """A workbook of one sheet from the XML of its rows; `formats` are number formats from style 1 on, one a line."""
    codes = [code.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;") for code in formats.splitlines()]
    declared = "".join(f'<numFmt numFmtId="{200 + n}" formatCode="{code}"/>' for n, code in enumerate(codes))
    styles = "".join(f'<xf numFmtId="{200 + n}"/>' for n in range(len(codes)))
    related = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    one = '<Relationship Id="{}" Type="' + RELATIONS + '/{}" Target="{}"/>'
    parts = {
        "_rels/.rels": related.format(one.format("r1", "officeDocument", "/xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{space}" xmlns:r="{RELATIONS}"><sheets>'
        '<sheet name="One" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": related.format(
            one.format("r1", "worksheet", "worksheets/sheet1.xml")
            + one.format("r2", "styles", "/xl/styles.xml")
            + one.format("r3", "sharedStrings", "sharedStrings.xml")
        ),
        "xl/styles.xml": f'<styleSheet xmlns="{space}"><numFmts>{declared}</numFmts><cellStyleXfs><xf numFmtId="14"/>'
        f'</cellStyleXfs><cellXfs><xf numFmtId="0"/>{styles}</cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{space}">{shared}</sst>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{space}">{before}<sheetData>{rows}</sheetData></worksheet>',
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            file.writestr(name, text)
    return path


@pytest.fixture
def shop(make_shop):
    return make_shop(path="*.xlsx", format="excel", columns=COLUMNS)


@pytest.mark.parametrize("dimension", ["A1", "A1:A1", "A1:B2", "A1:XFD1048576", "C7:D9", "nonsense", ""])
def test_rows_and_columns_are_read_whatever_size_the_sheet_claims(shop, dimension):
    rows = HEADER + "".join(f'<row r="{n}">{cell(f"A{n}", n)}{cell(f"B{n}", n)}</row>' for n in (2, 3, 900))
    write(shop.source / "a.xlsx", rows, before=f'<dimension ref="{dimension}"/>')
    shop.land()
    expected = [(str(n), Decimal(n), row) for row, n in enumerate((2, 3, 900), start=1)]
    assert shop.rows("contact_id, amount, _source_row") == expected


def test_rows_and_cells_without_places_follow_each_other(shop):
    rows = HEADER + "<row><c><v>7</v></c><c><v>1.5</v></c></row><row r='4'><c r='B4'><v>2</v></c></row>"
    rows += "<row/><row><c><v>8</v></c></row>"
    write(shop.source / "a.xlsx", rows)
    shop.land()
    assert shop.rows("contact_id, amount") == [("7", Decimal("1.50")), ("8", None)]
    assert shop.quarantined("_source_row, _source_line, rule") == [(2, 4, "contact_id_required")]


def test_shared_texts_formats_within_them_and_strict_name_spaces(shop):
    shared = "<si><t>plain</t></si><si><r><t>two </t></r><r><t>pieces</t></r><rPh><t>sound</t></rPh></si>"
    rows = HEADER + f'<row r="2">{cell("A2", 1, kind="s")}</row><row r="3">{cell("A3", 0, kind="s")}</row>'
    write(shop.source / "a.xlsx", rows, shared=shared, space=STRICT)
    shop.land()
    assert shop.rows("contact_id") == [("two pieces",), ("plain",)]


def test_an_empty_text_of_a_formula_is_a_value_and_a_number_without_one_is_not(shop):
    rows = HEADER + '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="str"><f>""</f><v></v></c></row>'
    rows += '<row r="3"><c r="A3"><v>2</v></c><c r="B3"><f>1+1</f><v/></c></row>'
    write(shop.source / "a.xlsx", rows)
    shop.land()
    assert shop.rows("contact_id, amount") == [("1", None)]
    assert shop.quarantined("_source_row, rule") == [(2, "excel_error")]


CODES = [
    ("00000", 1067, "01067"),
    ("00000", 80331, "80331"),
    ("00000", 123456, "123456"),
    ("000000", 17, "000017"),
    ("000-000", 17, "000-017"),
    ("000-000", 1234567, "1234-567"),
    ("00000-0000", 10670000, "01067-0000"),
    ('0000"x"', 17, "0017x"),
    ('"K-"0000', 17, "K-0017"),
    (r"000\-00\-0000", 12345678, "012-34-5678"),
    ('"a;b"00;-00', 5, "a;b05"),
    ("[$-407]00000", 1067, "01067"),
    ("[Red]00000", 1067, "01067"),
    ("[<=99999]00000;00000-0000", 1067, "01067"),
    ("[<=99999]00000;00000-0000", 10670000, "01067-0000"),
    ("00000_);(00000)", 1067, "01067"),
    ("00", 0, "00"),
]
NO_CODES = [
    "0",
    "General",
    "0.00",
    "#,##0",
    "00.0",
    "000,000",
    "00%",
    "00E+00",
    "# ##0",
    '0 "pcs"',
    "@",
    "##00",
    "00/00",
]


@pytest.mark.parametrize(("text", "number", "shown"), CODES)
def test_a_format_of_zeros_shows_a_code(text, number, shown):
    assert number_format(200, {200: text}).code(number) == shown


@pytest.mark.parametrize("text", NO_CODES)
def test_other_formats_show_numbers(text):
    assert number_format(200, {200: text}).code(17) is None


def test_a_negative_number_is_no_code():
    assert number_format(200, {200: "00000"}).code(-5) is None


def test_codes_land_as_they_are_shown_and_numbers_as_they_are(make_shop):
    shop = make_shop(
        path="*.xlsx", format="excel", columns={"contact_id": "text", "amount": "decimal(18,2)", "n": "bigint"}
    )
    header = HEADER.replace("</row>", cell("C1", "n", kind="str") + cell("D1", "plz", kind="str") + "</row>")
    values = [(1, 17), (2, 1067), (1, 5), (2, 1067)]
    row = "".join(cell(f"{letter}2", value, style=style) for letter, (style, value) in zip("ABCD", values, strict=True))
    broken = cell("A3", "17.5", style=1) + cell("D3", "-3", style=1)
    write(
        shop.source / "a.xlsx",
        f'{header}<row r="2">{row}</row><row r="3">{broken}</row>',
        formats='000000\n00000"-D"',
    )
    shop.land()
    assert shop.rows("contact_id, amount, n, plz") == [
        ("000017", Decimal("1067.00"), 5, "01067-D"),
        ("17.5", None, None, "-3"),
    ]


def test_characters_that_xml_cannot_hold_are_taken_back():
    assert unescaped("a_x000D_b _x005F_x000D_ _xD83D_ _x12_") == "a\rb _x000D_ _xD83D_ _x12_"


ROW = '<row r="{}"><c><v>1</v></c></row>'
TEXT = '<c r="A2" t="s"><v>{}</v></c>'


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (HEADER + ROW.format(1_048_577), "it has a row 1048577, and a sheet ends with row 1048576"),
        (HEADER + ROW.format(900_000_000), "it has a row 900000000"),
        (HEADER + ROW.format("9" * 5000), "it has a row whose number is none"),
        (HEADER + ROW.format("x"), "it has a row whose number is none"),
        (HEADER + ROW.format(3) + ROW.format(3), "its row 3 comes after row 3"),
        (HEADER + '<row r="2"><c r="XFE2"><v>1</v></c></row>', "it has a column beyond 16384"),
        (HEADER + f'<row r="2"><c r="{"A" * 500}2"><v>1</v></c></row>', "it has a"),
        (HEADER + '<row r="2">' + "<c/>" * 16_385 + "</row>", "it has a column beyond 16384"),
        (HEADER + '<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>1</v></c></row>', "the cells of its row 2 are not in"),
        (HEADER + f'<row r="2">{TEXT.format(5)}</row>', "a cell names a text that the workbook does not have"),
        (HEADER + f'<row r="2">{TEXT.format(-1)}</row>', "a cell names a text that the workbook does not have"),
        (HEADER + f'<row r="2">{cell("A2", "abc")}</row>', "it has a cell with a number that is none"),
        (
            HEADER + f'<row r="2">{cell("A2", "x" * 2_000_000, kind="str")}</row>',
            "it has a cell of more than a million",
        ),
        (HEADER + "<row r='2'>", "its XML is damaged"),
    ],
)
def test_a_sheet_that_cannot_be_is_refused_with_what_is_wrong(shop, rows, told):
    write(shop.source / "a.xlsx", rows)
    with pytest.raises(LandingError, match=rf"a\.xlsx: .*{told}"):
        shop.land()
    assert shop.manifests() == []


def test_a_bomb_is_refused_before_it_is_unpacked(shop):
    path = write(shop.source / "a.xlsx", HEADER + " " * (workbook._FREE_BYTES + 1))
    assert path.stat().st_size < 100_000
    with pytest.raises(LandingError, match=r"a\.xlsx: [\d,]+ bytes of it unpack to [\d,]+, more than any sheet"):
        shop.land()


def test_entities_are_refused(tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("xl/workbook.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    with pytest.raises(WorkbookError, match="declares a document type"), opened(path):
        pass


@pytest.mark.parametrize("content", [b"\xd0\xcf\x11\xe0\xa1\xb1", b"", b"PK\x03\x04", b"contact_id,amount\n"])
def test_what_is_no_workbook_is_told_as_such(shop, content):
    shop.write("a.xlsx", content)
    told = "old .xls or protected by a password" if content.startswith(b"\xd0") else "no readable Excel workbook"
    with pytest.raises(LandingError, match=told):
        shop.land()


def test_the_header_is_read_without_the_rest(shop):
    path = write(shop.source / "a.xlsx", HEADER + "".join(ROW.format(n) for n in range(2, 200_000)))
    with opened(path) as book:
        rows = book.rows(book.sheets[0][1])
        next(rows)
        # One piece of the file is parsed, however long the sheet.
        assert next(rows)[0] == 2
        content = zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml")
        assert len(content) > 10 * workbook._READ_AT_ONCE
    assert not list(shop.root.glob("state/*"))


def test_damage_of_any_byte_is_told_or_changes_what_no_reader_can_know(tmp_path):
    rows = HEADER + f'<row r="2">{cell("A2", 0, kind="s")}{cell("B2", 5, style=1)}</row>'
    path = write(tmp_path / "a.xlsx", rows, shared="<si><t>c1</t></si>", formats="00000")
    content = path.read_bytes()
    rng = random.Random(7)
    told = 0
    for _ in range(400):
        damaged = bytearray(content)
        damaged[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        path.write_bytes(damaged[: rng.choice([len(content)] * 3 + [rng.randrange(len(content))])])
        try:
            stream = ExcelStream.of(path, FileOptions(), tmp_path)
            list(stream._rows())
        except WorkbookError:
            told += 1
    assert told > 200


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('numFmtId="200"', 'numFmtId="x"'),
        ('s="1"', 's="x"'),
        ('s="1"', 's="-1"'),
        ('s="1"', 's="99"'),
        ("worksheets/sheet1", "worksheets/other"),
        ("sharedStrings.xml", "../../../etc/passwd"),
        ("<v>0</v>", "<v></v>"),
    ],
)
def test_parts_that_say_what_cannot_be_are_told_or_passed_over(tmp_path, old, new):
    rows = HEADER + f'<row r="2">{cell("A2", 0, kind="s")}{cell("B2", 5, style=1)}</row>'
    path = write(tmp_path / "a.xlsx", rows, shared="<si><t>c1</t></si>", formats="00000")
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name).decode().replace(old, new) for name in file.namelist()}
    with zipfile.ZipFile(path, "w") as file:
        for name, text in parts.items():
            file.writestr(name, text)
    try:
        found = [row.values for row in ExcelStream.of(path, FileOptions(), tmp_path)._rows()]
    except WorkbookError:
        return
    # A style that is none shows the number.
    assert found in ([["c1", "5"]], [["", "00005"]])
