"""CSV files as the world writes them: every record lands or is refused with its line, reason and raw text."""

# ruff: noqa: DTZ001  the landing keeps naive UTC

import codecs
from datetime import date, datetime
from decimal import Decimal

import pytest

from orchestration.landing.errors import LandingError
from orchestration.landing.formats.columns import MissingColumnError


def test_good_rows_land_with_types_and_lineage(make_shop):
    shop = make_shop()
    shop.write("contacts.csv", "contact_id,amount\nc1,1.50\nc2,\n")
    result = shop.land()
    load_id = result.manifest.load_id
    assert (result.status, result.landed_count, result.quarantined_count, result.total_row_count) == ("landed", 2, 0, 2)
    assert shop.rows() == [
        ("c1", Decimal("1.50"), load_id, 1, "contacts.csv", 1, False),
        ("c2", None, load_id, 1, "contacts.csv", 2, False),
    ]
    assert shop.types() == {
        "contact_id": "VARCHAR",
        "amount": "DECIMAL(18,2)",
        "_load_id": "VARCHAR",
        "_load_sequence": "BIGINT",
        "_source_file": "VARCHAR",
        "_source_row": "BIGINT",
        "_is_deleted": "BOOLEAN",
    }


def test_ragged_rows_are_refused_with_line_and_raw_text(make_shop):
    shop = make_shop()
    shop.write("contacts.csv", "contact_id,amount\nc1,1\nc2\n\nc3,3,3\nc4,4\n")
    shop.land()
    assert shop.rows("contact_id, _source_row") == [("c1", 1), ("c4", 4)]
    assert shop.quarantined() == [(2, 3, "csv_too_few_values", "c2"), (3, 5, "csv_too_many_values", "c3,3,3")]


def test_an_unclosed_quote_costs_one_record_not_the_rest_of_the_file(make_shop):
    shop = make_shop()
    shop.write("contacts.csv", 'contact_id,amount\n"c1,1\nc2,2\n"c3",3\n"c4"x,4\nc5,5\n')
    shop.land()
    assert shop.rows("contact_id, _source_row") == [("c2", 2), ("c3", 3), ("c5", 5)]
    assert shop.quarantined() == [(1, 2, "csv_quote", '"c1,1'), (4, 5, "csv_quote", '"c4"x,4')]


def test_line_breaks_quotes_and_delimiters_inside_quotes_are_kept(make_shop):
    shop = make_shop()
    shop.write(
        "contacts.csv", 'contact_id,amount\r\n"a\r\nb",1\r\n"say ""hi"", you",2\r\n5" pipe,3\r\n"x\n\ny",bad\r\n'
    )
    shop.land()
    assert shop.rows("contact_id") == [("a\r\nb",), ('say "hi", you',), ('5" pipe',)]
    assert shop.quarantined() == [(4, 6, "amount_type", '"x\n\ny",bad')]


def test_columns_are_found_by_name(make_shop):
    columns = {"contact_id": "text", "amount": "decimal(18,2)", "city": {"type": "text", "source_name": "Город"}}
    shop = make_shop(columns=columns)
    shop.write("contacts.csv", "\ufeffCity,Amount , Contact ID,Город,City\nx,1,c1,Казань,y\n")
    result = shop.land()
    # Nothing of Город can stand in a name, so a hash does: the same in every file.
    names = ("city_after_column_29ac06d8", "city_first")
    assert shop.rows(f"contact_id, amount, city, {', '.join(names)}") == [("c1", Decimal(1), "Казань", "y", "x")]
    assert result.undeclared_columns == names
    assert "city_first" in result.message


def test_an_undeclared_column_lands_as_text(make_shop):
    shop = make_shop()
    shop.write("contacts.csv", "contact_id,amount,Größe (cm)\nc1,1,0190\n")
    result = shop.land()
    assert result.manifest.undeclared == {"groe_cm": "Größe (cm)"}
    assert shop.rows("groe_cm") == [("0190",)]


def test_a_missing_declared_column_refuses_the_file_without_repeating_its_content(make_shop):
    shop = make_shop()
    shop.write("contacts.csv", "Anna Schmidt,anna@example.org\nBert,bert@example.org\n")
    with pytest.raises(MissingColumnError, match=r"crm__contacts: contacts\.csv lacks .* contact_id, amount") as error:
        shop.land()
    assert "anna" not in str(error.value).lower()
    assert shop.manifests() == []
    assert not list(shop.workspace.landing_dir.rglob("*.parquet"))


def test_two_columns_that_could_be_the_declared_one_are_refused(make_shop):
    shop = make_shop()
    shop.write("contacts.csv", "contact_id,amount,amount\nc1,1,2\n")
    with pytest.raises(MissingColumnError, match="2 columns that could be 'amount'"):
        shop.land()


def test_an_empty_file_has_no_header(make_shop):
    shop = make_shop()
    shop.write("contacts.csv", "")
    with pytest.raises(LandingError, match="not even a header"):
        shop.land()


def test_a_header_alone_lands_no_rows(make_shop):
    shop = make_shop()
    shop.write("contacts.csv", "contact_id,amount\n")
    assert (shop.land().status, shop.rows()) == ("landed", [])


@pytest.mark.parametrize(
    ("encoding", "written", "text"),
    [
        ("utf-8", "utf-8-sig", "Žižka ß"),
        ("utf-16", "utf-16", "Žižka ß"),
        ("latin-1", "latin-1", "Müller ß"),
        ("cp1252", "cp1252", "Müller €"),
        ("cp1251", "cp1251", "Иванов"),
    ],
)
def test_declared_encodings_are_read(make_shop, encoding, written, text):
    shop = make_shop(options={"encoding": encoding})
    shop.write("contacts.csv", f"contact_id,amount\n{text},1\n".encode(written))
    shop.land()
    assert shop.rows("contact_id") == [(text,)]


@pytest.mark.parametrize(
    ("encoding", "content", "told"),
    [
        ("utf-8", "contact_id,amount,größe\nc1,1,2\n".encode("cp1252"), "header has bytes of another encoding"),
        ("ascii", "contact_id,amount,größe\nc1,1,2\n".encode(), "header has bytes of another encoding"),
        # An odd surrogate, which UTF-16 would replace in silence.
        (
            "utf-16",
            codecs.BOM_UTF16_LE + "contact_id,amount,x".encode("utf-16-le") + b"\x00\xd8,\0",
            "header has bytes",
        ),
        ("utf-8", "contact_id,amount\nc1,1\n".encode("utf-16"), "begins with the byte order mark of utf-16"),
        ("utf-16-be", "contact_id,amount\nc1,1\n".encode("utf-16"), "begins with the byte order mark of utf-16"),
        ("utf-16", "contact_id,amount\nc1,1\n".encode("utf-32"), "begins with the byte order mark of utf-32"),
        ("utf-8", "contact_id,amount\nc1,1\n".encode("utf-16-le"), "header has zero bytes"),
        ("cp1252", "contact_id,amount\nc1,1\n".encode("utf-8-sig"), "begins with the byte order mark of utf-8"),
    ],
)
def test_a_header_in_another_encoding_refuses_the_file(make_shop, encoding, content, told):
    shop = make_shop(options={"encoding": encoding})
    shop.write("contacts.csv", content)
    with pytest.raises(LandingError, match=rf"contacts\.csv cannot be read as {encoding}: declare .*{told}"):
        shop.land()
    assert shop.manifests() == []


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", codecs.BOM_UTF8),
        ("utf-8-sig", codecs.BOM_UTF8),
        ("utf-16", codecs.BOM_UTF16_LE),
        ("utf-16", codecs.BOM_UTF16_BE),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
    ],
)
@pytest.mark.parametrize("first", ["contact_id", '"contact_id"'])
def test_a_byte_order_mark_is_no_part_of_the_first_name(make_shop, encoding, mark, first):
    shop = make_shop(options={"encoding": encoding})
    plain = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}[mark]
    shop.write("contacts.csv", mark + f"{first},amount\nß,1\n".encode(plain))
    assert shop.land().undeclared_columns == ()
    assert shop.rows("contact_id, amount") == [("ß", Decimal(1))]


def test_a_header_with_an_open_quote_refuses_the_file(make_shop):
    shop = make_shop()
    shop.write("contacts.csv", 'contact_id,amount,"note\nc1,1,x\n')
    with pytest.raises(LandingError, match=r"contacts\.csv: a quote in the header is not closed"):
        shop.land()


def test_undeclared_columns_with_equal_or_no_names_land_beside_each_other(make_shop):
    shop = make_shop()
    shop.write("contacts.csv", "contact_id,note,,amount,note,\nc1,a,b,1,c,d\n")
    result = shop.land()
    names = ["note_after_contact_id", "note_after_contact_id_2", "note_after_amount", "note_after_amount_2"]
    assert result.manifest.undeclared == dict(zip(names, ["note", "", "note", ""], strict=True))
    assert shop.rows(", ".join(names)) == [("a", "b", "c", "d")]


def test_undeclared_columns_keep_their_names_when_columns_move(make_shop):
    shop = make_shop()
    long = "Which of these did you buy in the last month? Choose all that apply"
    shop.write("contacts1.csv", f"contact_id,amount,{long}: bread,{long}: cake,姓名\nc1,1,a,b,c\n")
    shop.write("contacts2.csv", f"姓名,{long}: cake,{long}: bread,amount,contact_id\nc,b,a,1,c2\n")
    names = shop.land().undeclared_columns
    assert len(names) == 3
    first, second = shop.rows(", ".join(names))
    assert first == second
    assert set(first) == {"a", "b", "c"}


def test_bytes_of_another_encoding_spoil_one_record(make_shop):
    shop = make_shop()
    shop.write("contacts.csv", b"contact_id,amount\nM\xfcller,1\nM\xc3\xbcller,2\n")
    shop.land()
    assert shop.rows("contact_id") == [("Müller",)]
    assert shop.quarantined() == [(1, 2, "file_encoding", "M\\udcfcller,1")]


def test_a_replacement_character_in_the_source_is_text(make_shop):
    shop = make_shop()
    shop.write("contacts.csv", "contact_id,amount\nM\ufffdller,1\n")
    shop.land()
    assert shop.rows("contact_id") == [("M\ufffdller",)]


def test_a_file_in_another_encoding_altogether_is_refused(make_shop):
    shop = make_shop(options={"encoding": "utf-16"})
    shop.write("contacts.csv", "contact_id,amount\nc1,1\n")
    with pytest.raises(LandingError, match="utf-16"):
        shop.land()


def test_delimiter_quote_decimal_separator_and_formats(make_shop):
    shop = make_shop(
        columns={"id": "text", "amount": "decimal(18,2)", "weight": "double", "seen_at": "timestamp", "born": "date"},
        required=["id"],
        options={
            "delimiter": ";",
            "quote": "'",
            "decimal_separator": ",",
            "timestamp_format": "%d.%m.%Y %H:%M",
            "date_format": "%d.%m.%Y",
        },
        time_zone="Europe/Berlin",
    )
    shop.write(
        "contacts.csv",
        "id;amount;weight;seen_at;born\n'a;b';1,50;0,25;01.07.2024 00:30;29.02.2024\n"
        "dot;1.50;;;\nyear;;;;30.02.2024\nzone;;;31.03.2024 02:30;\n",
    )
    shop.land()
    assert shop.rows("id, amount, weight, seen_at, born") == [
        ("a;b", Decimal("1.50"), 0.25, datetime(2024, 6, 30, 22, 30), date(2024, 2, 29)),
        # 02:30 did not exist that night: read as if the clock had not yet moved.
        ("zone", None, None, datetime(2024, 3, 31, 1, 30), None),
    ]
    assert [row[2] for row in shop.quarantined()] == ["amount_type", "born_type"]


def test_required_means_filled(make_shop):
    shop = make_shop()
    shop.write("contacts.csv", 'contact_id,amount\n,1\n"  ",2\n"",3\nc4,x\n,x\n')
    shop.land()
    assert shop.rows() == []
    rules = [row[2] for row in shop.quarantined()]
    assert rules == ["contact_id_required"] * 3 + ["amount_type", "contact_id_required"]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("bigint", {"12": 12, " 7 ": 7, "12.0": 12, "-3": -3}, ["1.5", "12a", "9223372036854775808", "1e3"]),
        ("double", {"1.5": 1.5, ".5": 0.5, "1e3": 1000.0}, ["nan", "inf", "1e999", "1,5", "0x10", "1_0"]),
        (
            "decimal(18,2)",
            {"1.5": Decimal("1.50"), "2.340000": Decimal("2.34"), "2.3400000001": Decimal("2.34")},
            ["1.005", "99999999999999999", "abc", "1,50"],
        ),
        ("boolean", {"TRUE": True, "no": False, "1": True, "f": False}, ["2", "maybe"]),
        ("date", {"2024-02-29": date(2024, 2, 29)}, ["2023-02-29", "2024-02-30", "01.02.2024", "2024-02-28 10:00"]),
        (
            "timestamp",
            {
                "2024-02-29": datetime(2024, 2, 29),
                "2024-02-29 10:11:12.5": datetime(2024, 2, 29, 10, 11, 12, 500000),
                "2024-02-29T10:00:00Z": datetime(2024, 2, 29, 10),
                "2024-02-29T10:00:00+02:00": datetime(2024, 2, 29, 8),
                "2024-02-29 10:00 -0530": datetime(2024, 2, 29, 15, 30),
                "2024-02-29 10:00:00.25 +05": datetime(2024, 2, 29, 5, 0, 0, 250000),
                "2024-02-29 10:00 UTC": datetime(2024, 2, 29, 10),
            },
            ["2024-02-30 10:00", "2024-02-29 25:00", "infinity", "now", "epoch", "20240229", "2024-02-29 +02"],
        ),
    ],
)
def test_values_cast_exactly_or_not_at_all(make_shop, kind, good, bad):
    shop = make_shop(columns={"contact_id": "text", "value": kind})
    lines = [f'r{n},"{text}"' for n, text in enumerate([*good, *bad])]
    shop.write("contacts.csv", "contact_id,value\n" + "\n".join(lines) + "\n")
    shop.land()
    assert [row[0] for row in shop.rows("value")] == list(good.values())
    assert [row[3] for row in shop.quarantined()] == lines[len(good) :]
    assert {row[2] for row in shop.quarantined()} == {"value_type"}


def test_reasons_hold_no_values(make_shop):
    shop = make_shop()
    shop.write("contacts.csv", "contact_id,amount\nc1,secret\n")
    shop.land()
    assert shop.quarantined("rule, reason") == [
        ("amount_type", "amount is no valid decimal(18,2) of at most two decimals.")
    ]


def test_quarantine_is_private(make_shop):
    shop = make_shop()
    shop.write("contacts.csv", "contact_id,amount\nc1,x\n")
    shop.land()
    assert shop.workspace.quarantine_dir.stat().st_mode & 0o777 == 0o700


def test_an_unknown_format_is_explained(make_shop):
    shop = make_shop(columns={"contact_id": "text", "at": "timestamp"}, options={"timestamp_format": "%Q"})
    shop.write("contacts.csv", "contact_id,at\nc1,2024\n")
    with pytest.raises(LandingError, match="format that does not exist"):
        shop.land()


def test_without_quotes_every_quote_is_text(make_shop):
    shop = make_shop(options={"quote": "", "delimiter": "\t"})
    shop.write("contacts.csv", 'contact_id\tamount\n"c1\t1\n')
    shop.land()
    assert shop.rows("contact_id") == [('"c1',)]


def test_an_endless_record_is_refused(make_shop):
    shop = make_shop()
    shop.write("contacts.csv", f"contact_id,amount\n{'x' * 1_100_000},1\nc2,2\n")
    shop.land()
    assert shop.rows("contact_id") == [("c2",)]
    assert [row[2] for row in shop.quarantined()] == ["record_too_long"]


def test_file_names_may_hold_glob_characters(make_shop):
    shop = make_shop()
    shop.write("contacts [1].csv", "contact_id,amount\nc1,1\n")
    shop.land()
    assert shop.rows("contact_id, _source_file") == [("c1", "contacts [1].csv")]


def test_unit_prices_have_up_to_six_decimals(make_shop):
    shop = make_shop(columns={"contact_id": "text", "amount": "decimal(18,6)"})
    shop.write(
        "contacts.csv", "contact_id,amount\na,0.0125\nb,1.234567\nc,1.2345678\nd,-999999999999.5\ne,1e-3\nf,2.50\n"
    )
    shop.land()
    assert shop.rows("contact_id, amount") == [
        ("a", Decimal("0.012500")),
        ("b", Decimal("1.234567")),
        ("d", Decimal("-999999999999.500000")),
        ("e", Decimal("0.001000")),
        ("f", Decimal("2.500000")),
    ]
    assert [row[2] for row in shop.quarantined()] == ["amount_type"]
    [reason] = shop.manifests()[0].parts[0].reasons
    assert reason.reason == "amount is no valid decimal(18,6) of at most six decimals."
