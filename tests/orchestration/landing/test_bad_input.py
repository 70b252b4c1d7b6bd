"""What people put into files and APIs: it lands as it stands or is refused with its reason, and the rest lands."""

# ruff: noqa: DTZ001  the landing keeps naive UTC

from __future__ import annotations

import multiprocessing
import resource
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from orchestration.landing.errors import LandingError
from tests.orchestration.landing.conftest import TABLE, Shop


def test_three_date_formats_in_one_column_take_the_declared_one(make_shop):
    """01/02/2024 is a day in two months: nothing is guessed."""
    columns = {"contact_id": "text", "born": "date", "seen_at": "timestamp"}
    options = {"date_format": "%d.%m.%Y", "timestamp_format": "%d.%m.%Y %H:%M"}
    shop = make_shop(columns=columns, options=options)
    shop.write(
        "contacts.csv",
        "contact_id,born,seen_at\n"
        "german,29.02.2024,01.02.2024 10:00\n"
        "iso,2024-02-29,\n"
        "american,02/29/2024,\n"
        "impossible,30.02.2024,\n"
        "no leap year,29.02.2023,\n"
        "iso time,,2024-02-01 10:00\n"
        "last,,31.12.2024 23:59\n",
    )
    shop.land()
    assert shop.rows("contact_id, born, seen_at") == [
        ("german", date(2024, 2, 29), datetime(2024, 2, 1, 10)),
        ("last", None, datetime(2024, 12, 31, 23, 59)),
    ]
    assert [(row[2], row[3].split(",")[0]) for row in shop.quarantined()] == [
        ("born_type", "iso"),
        ("born_type", "american"),
        ("born_type", "impossible"),
        ("born_type", "no leap year"),
        ("seen_at_type", "iso time"),
    ]


def test_returns_and_mixed_currencies_land_with_their_sign_and_currency(make_shop):
    columns = {"contact_id": "text", "quantity": "bigint", "amount": "decimal(18,2)", "currency": "text"}
    shop = make_shop(columns=columns)
    shop.write(
        "contacts.csv",
        "contact_id,quantity,amount,currency\na,-2,-19.98,EUR\nb,1,9.99,USD\nc,1,€9.99,EUR\nd,1,9.99 USD,\n"
        "e,+3,1e2,JPY\nf,1,(9.99),EUR\n",
    )
    shop.land()
    assert shop.rows("contact_id, quantity, amount, currency") == [
        ("a", -2, Decimal("-19.98"), "EUR"),
        ("b", 1, Decimal("9.99"), "USD"),
        ("e", 3, Decimal("100.00"), "JPY"),
    ]
    assert [row[3].split(",")[0] for row in shop.quarantined()] == ["c", "d", "f"]


HOSTILE = [
    "=cmd|'/c calc'!A0",
    "+1+1",
    "-2+3+cmd|' /C calc'!D2",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.example","click")',
    "\t=1+1",
    "Robert'); DROP TABLE contacts;--",
    "\"; attach '/etc/passwd' as x; --",
    "{{ env_var('HOME') }}",
    "👩‍👩‍👧‍👦 family",
    "שלום, עולם",
    "\u202egnp.exe",
    "مرحبا",
    "İıſẞ",
    "e\u0301",  # stays apart: no normalisation
    "\u200b",
    "NULL",
    "nan",
    "\\N",
]


@pytest.mark.parametrize("format_name", ["csv", "jsonl", "parquet"])
def test_formulas_sql_and_any_script_are_data(make_shop, format_name):
    import csv
    import io
    import json

    import duckdb

    shop = make_shop(path=f"contacts*.{format_name}", format=format_name)
    rows = [(text, str(n)) for n, text in enumerate(HOSTILE)]
    if format_name == "csv":
        text = io.StringIO()
        csv.writer(text).writerows([("contact_id", "amount"), *rows])
        shop.write("contacts.csv", text.getvalue())
    elif format_name == "jsonl":
        lines = [json.dumps({"contact_id": text, "amount": amount}, ensure_ascii=False) for text, amount in rows]
        shop.write("contacts.jsonl", "\n".join(lines))
    else:
        shop.source.mkdir(parents=True)
        with duckdb.connect() as engine:
            engine.execute("create table t (contact_id varchar, amount varchar)")
            engine.executemany("insert into t values (?, ?)", rows)
            engine.execute(f"copy t to '{shop.source / 'contacts.parquet'}'")
    shop.land()
    assert shop.quarantined() == []
    assert shop.rows("contact_id, amount") == [(text, Decimal(n)) for n, text in enumerate(HOSTILE)]


def test_hostile_names_of_columns_and_files_are_names(make_shop):
    shop = make_shop()
    shop.write("contacts'; drop table x; --.csv", 'contact_id,amount,"a""); drop table x; --",=1+1\nc1,1,b,d\n')
    result = shop.land()
    assert result.undeclared_columns == ("a_drop_table_x", "c_1_1")
    assert shop.rows("contact_id, a_drop_table_x, c_1_1, _source_file") == [
        ("c1", "b", "d", "contacts'; drop table x; --.csv")
    ]


def test_a_half_written_file_loses_its_last_row_to_quarantine_and_lands_whole_when_it_is_whole(make_shop):
    shop = make_shop()
    shop.write("contacts.csv", 'contact_id,amount\nc1,1\n"c2')
    assert shop.land().quarantined_count == 1
    assert shop.quarantined() == [(2, 3, "csv_quote", '"c2')]
    shop.write("contacts.csv", 'contact_id,amount\nc1,1\n"c2",2\n')
    shop.land()
    # The longer file is another content: its rows land beside the earlier ones, which staging takes as versions.
    assert shop.rows("contact_id, _load_sequence") == [("c1", 1), ("c1", 2), ("c2", 2)]


def test_a_half_written_parquet_or_json_file(make_shop):
    shop = make_shop(path="contacts*.jsonl", format="jsonl")
    shop.write("contacts.jsonl", '{"contact_id": "c1"}\n{"contact_id": "c')
    shop.land()
    assert (shop.rows("contact_id"), shop.quarantined("rule, raw_text")) == (
        [("c1",)],
        [("json_not_an_object", '{"contact_id": "c')],
    )
    shop.table = {**shop.table, "path": "contacts*.parquet", "format": "parquet"}
    shop.write("contacts.parquet", b"PAR1 and then the disk was full")
    with pytest.raises(LandingError, match=r"contacts\.parquet is no readable Parquet file"):
        shop.land()


@pytest.mark.parametrize("format_name", ["csv", "jsonl"])
def test_an_empty_file_beside_a_good_one_is_named(make_shop, format_name):
    shop = make_shop(path=f"contacts*.{format_name}", format=format_name)
    shop.write(f"contacts-1.{format_name}", "")
    if format_name == "csv":
        shop.write("contacts-2.csv", "contact_id,amount\nc1,1\n")
        with pytest.raises(LandingError, match=r"contacts-1\.csv is empty"):
            shop.land()
    else:
        assert shop.land().landed_count == 0


def _land_within(shop: Shop, result: multiprocessing.Queue) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    shop.land()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    result.put((grown, shop.quarantined("_source_row, _source_line, rule")))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("format_name", "encoding", "size"),
    [("csv", "utf-8", 2 << 30), ("csv", "utf-16-le", 256 << 20), ("jsonl", "utf-8", 256 << 20)],
)
def test_a_line_without_end_is_one_refused_record_in_bounded_memory(
    tmp_path: Path, format_name: str, encoding: str, size: int
) -> None:
    start, end = ("contact_id,amount\nc1,1\nx", "\nc3,3\n")
    if format_name == "jsonl":
        start, end = ('{"contact_id": "c1", "amount": 1}\nx', '\n{"contact_id": "c3", "amount": 3}\n')
    shop = Shop(tmp_path, {**TABLE, "format": format_name, "options": {"encoding": encoding}})
    path = shop.write("contacts.csv", start.encode(encoding))
    with path.open("r+b") as file:
        file.seek(size)  # leaves a hole: bytes of zero that take no room on the disk
        file.write(end.encode(encoding))
    context = multiprocessing.get_context("fork")
    result = context.Queue()
    process = context.Process(target=_land_within, args=(shop, result))
    process.start()
    grown, refused = result.get(timeout=300)
    process.join()
    assert grown < 512 * 1024  # KiB
    line = 3 if format_name == "csv" else 2
    assert refused == [(2, line, "record_too_long")]
    assert shop.rows("contact_id, amount, _source_row") == [("c1", Decimal(1), 1), ("c3", Decimal(3), 3)]
