"""JSON Lines and Parquet files: keys and columns by name, what cannot be cast is refused with its raw row."""

# ruff: noqa: DTZ001  the landing keeps naive UTC

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import duckdb
import pytest

from orchestration.landing.errors import LandingError
from orchestration.landing.formats import records
from orchestration.landing.formats.columns import MissingColumnError
from orchestration.landing.refused.release import ReleaseRequest, release_rows
from orchestration.landing.refused.rows import RowId
from tests.orchestration.landing.conftest import NOW


def jsonl(make_shop, **table):
    return make_shop(path="contacts*.jsonl", format="jsonl", **table)


def parquet(make_shop, query: str, **table):
    shop = make_shop(path="contacts*.parquet", format="parquet", **table)
    shop.source.mkdir(parents=True, exist_ok=True)
    path = shop.source / "contacts.parquet"
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"copy ({query}) to '{path}' (format parquet)")
    return shop


def test_json_objects_land_by_key(make_shop):
    shop = jsonl(make_shop)
    shop.write(
        "contacts.jsonl",
        '{"contact_id": "c1", "amount": 1.5, "tags": ["a", "b"], "a/b~c": true}\n\n'
        '{"amount": "2.50", "contact_id": 7}\n{"contact_id": "c3", "amount": null}\n',
    )
    result = shop.land()
    assert result.undeclared_columns == ("a_b_c", "tags")
    assert shop.rows("contact_id, amount, a_b_c, tags, _source_row") == [
        ("c1", Decimal("1.50"), "true", '["a","b"]', 1),
        ("7", Decimal("2.50"), None, None, 2),
        ("c3", None, None, None, 3),
    ]


def test_broken_json_lines_are_refused_with_line_and_raw_text(make_shop):
    shop = jsonl(make_shop)
    lines = ['{"contact_id": "c1"}', "", '{"contact_id": "c2"', "[1, 2]", '{"contact_id": "c4", "amount": "x"}', "{}"]
    shop.write("contacts.jsonl", "\n".join(lines))
    shop.land()
    assert shop.rows("contact_id") == [("c1",)]
    assert shop.quarantined() == [
        (2, 3, "json_not_an_object", lines[2]),
        (3, 4, "json_not_an_object", lines[3]),
        (4, 5, "amount_type", lines[4]),
        (5, 6, "contact_id_required", "{}"),
    ]


def test_control_characters_and_lone_surrogates_are_no_json(make_shop):
    shop = jsonl(make_shop)
    shop.write("contacts.jsonl", '{"contact_id": "a\x01b"}\n{"contact_id": "\\ud800"}\n{"contact_id": "c3"}\n')
    shop.land()
    assert shop.rows("contact_id") == [("c3",)]
    assert [row[2] for row in shop.quarantined()] == ["json_not_an_object"] * 2


def test_a_field_with_two_values_is_refused_not_guessed(make_shop):
    shop = jsonl(make_shop)
    lines = ['{"contact_id": "c1", "amount": 1, "amount": 2}', '{"contact_id": "c2", "amount": 3}']
    shop.write("contacts.jsonl", "\n".join(lines))
    shop.land()
    assert shop.rows("contact_id") == [("c2",)]
    assert shop.quarantined() == [(1, 1, "json_not_an_object", lines[0])]
    # Nor does a release guess.
    request = ReleaseRequest(RowId.parse("1-0-1"), "anna")
    released = release_rows(shop.company, shop.workspace, request, now=NOW)
    assert released.released == ()
    assert [row.reason for row in released.refused] == [records.NOT_AN_OBJECT.reason]


def test_json_numbers_keep_their_cents(make_shop):
    shop = jsonl(make_shop)
    amounts = ["0.1", "19.99", "1234567.89", "-0.01", "0.30000000000000004"]
    shop.write("contacts.jsonl", "\n".join(f'{{"contact_id": "c", "amount": {amount}}}' for amount in amounts))
    shop.land()
    expected = ["0.10", "19.99", "1234567.89", "-0.01", "0.30"]
    assert [row[0] for row in shop.rows("amount")] == [Decimal(amount) for amount in expected]


def test_json_without_rows_lands_nothing(make_shop):
    shop = jsonl(make_shop)
    shop.write("contacts.jsonl", "")
    assert (shop.land().landed_count, shop.rows()) == (0, [])


def test_parquet_columns_are_cast_and_timestamps_become_utc(make_shop):
    columns = {"contact_id": "text", "n": "bigint", "amount": "decimal(18,2)", "seen_at": "timestamp", "born": "date"}
    shop = parquet(
        make_shop,
        "select 1 as contact_id, 12.0::double as n, 1.5::double as amount, timestamp '2024-07-01 00:30' as seen_at,"
        " timestamp '2024-01-01' as born, [1, 2] as extra",
        columns=columns,
        time_zone="Europe/Berlin",
    )
    shop.land()
    assert shop.rows("contact_id, n, amount, seen_at, born, extra, _source_row") == [
        ("1", 12, Decimal("1.50"), datetime(2024, 6, 30, 22, 30), date(2024, 1, 1), "[1, 2]", 1)
    ]


def test_parquet_instants_keep_their_instant(make_shop):
    shop = parquet(
        make_shop,
        "select 'c1' as contact_id, timestamptz '2024-07-01 00:30:00+00' as seen_at",
        columns={"contact_id": "text", "seen_at": "timestamp"},
        time_zone="Europe/Berlin",
    )
    shop.land()
    assert shop.rows("seen_at") == [(datetime(2024, 7, 1, 0, 30),)]


def test_parquet_rows_that_break_a_type_are_refused_as_json(make_shop):
    shop = parquet(
        make_shop,
        "select * from (values ('c1', 1.5::double), ('c2', 1.25), (null, 1), ('c4', 'nan'), ('', 2))"
        " as t (contact_id, n)",
        columns={"contact_id": "text", "n": "double"},
    )
    shop.land()
    assert shop.rows("contact_id, n, _source_row") == [("c1", 1.5, 1), ("c2", 1.25, 2)]
    refused = shop.quarantined()
    assert [(row, line, rule) for row, line, rule, _ in refused] == [
        (3, None, "contact_id_required"),
        (4, None, "n_type"),
        (5, None, "contact_id_required"),
    ]
    assert json.loads(refused[0][3]) == {"contact_id": None, "n": 1.0}


@pytest.mark.parametrize(
    ("value", "kind", "is_accepted"),
    [
        ("1.5::double", "bigint", False),
        ("3::double", "bigint", True),
        ("'nan'::double", "double", False),
        ("1.005::decimal(10,3)", "decimal(18,2)", False),
        ("12.34::float::double", "decimal(18,2)", True),
        ("170141183460469231731687303715884105727::hugeint", "bigint", False),
        ("20240101", "date", False),
        ("timestamp '2024-01-01 10:00'", "date", False),
        ("date '2024-01-01'", "timestamp", True),
        ("true", "boolean", True),
        ("1", "boolean", True),
        ("2", "boolean", False),
        ("timestamp_ns '2024-01-01 10:00:00'", "timestamp", True),
        ("'2024-02-30'", "date", False),
        ("'abc'::blob", "text", True),
    ],
)
def test_each_parquet_type_casts_or_is_refused(make_shop, value, kind, is_accepted):
    shop = parquet(
        make_shop,
        f"select 'c1' as contact_id, {value} as v",
        columns={"contact_id": "text", "v": kind},
    )
    result = shop.land()
    assert (result.landed_count, result.quarantined_count) == ((1, 0) if is_accepted else (0, 1))


def test_parquet_files_of_different_years_join_by_name(make_shop):
    shop = parquet(make_shop, "select 1.00 as amount, 'c1' as contact_id")
    with duckdb.connect() as connection:
        path = shop.source / "contacts2.parquet"
        connection.execute(f"copy (select 'c2' as contact_id, 5 as later, 2.00 as amount) to '{path}' (format parquet)")
    shop.land()
    assert shop.rows("contact_id, amount, later") == [("c1", Decimal(1), None), ("c2", Decimal(2), "5")]


def test_parquet_without_a_declared_column_is_refused(make_shop):
    shop = parquet(make_shop, "select 'c1' as contact_id")
    with pytest.raises(MissingColumnError, match="amount"):
        shop.land()


def test_what_is_no_parquet_is_refused(make_shop):
    shop = make_shop(path="contacts*.parquet", format="parquet")
    shop.write("contacts.parquet", b"PAR1 nonsense")
    with pytest.raises(LandingError, match="no readable Parquet"):
        shop.land()


def test_order_of_rows_is_kept(make_shop):
    shop = parquet(make_shop, "select cast(i as text) as contact_id, 1 as amount from range(300000) as t (i)")
    shop.land()
    found = shop.rows("contact_id, _source_row")
    assert found == [(str(i), i + 1) for i in range(300_000)]


def test_sums_and_ranges_are_in_the_manifest(make_shop):
    columns = {"contact_id": "text", "amount": "decimal(18,2)", "n": "bigint", "d": "double", "seen_at": "timestamp"}
    shop = parquet(
        make_shop,
        "select * from (values ('a', 1.10, 1, 0.1, timestamp '2024-01-01'),"
        " ('b', 2.20, 2, 0.2, timestamp '2099-01-01'), ('c', null, null, null, null))"
        " as t (contact_id, amount, n, d, seen_at)",
        columns=columns,
    )
    part = shop.land(datetime(2024, 6, 1, tzinfo=UTC)).manifest.parts[0]
    assert part.sums == {"amount": "3.30", "n": "3", "d": "0.300000"}
    found = part.ranges["seen_at"]
    assert (found.min, found.max, found.latest) == ("2024-01-01 00:00:00", "2099-01-01 00:00:00", "2024-01-01 00:00:00")


def test_refused_lines_of_a_large_file_are_all_kept(make_shop):
    """From about 20 MiB and a dozen columns the engine gives refused rows out of order unless it is told to sort."""
    times = ["opened", "changed", "first_reply", "resolved"]
    texts = ["ticket_no", "customer_system", "customer_no", "order_no", "channel", "category", "priority"]
    columns = dict.fromkeys(texts, "text") | dict.fromkeys(times, "timestamp") | {"complaint": "boolean"}
    shop = jsonl(make_shop, columns=columns, required=["ticket_no", "opened"])
    ticket = dict.fromkeys(texts, "about as long") | dict.fromkeys(times, "2025-03-05T10:00:00")
    impossible = {"opened": "2025-13-45T10:00:00"}
    lines = [
        json.dumps(ticket | {"ticket_no": f"T{n:08d}", "complaint": n % 2 == 0} | (impossible if n % 20 == 0 else {}))
        for n in range(70_000)
    ]
    shop.write("contacts.jsonl", "\n".join(lines))
    shop.land()
    assert shop.quarantined("_source_row, raw_text") == [(n + 1, lines[n]) for n in range(0, 70_000, 20)]
    assert len(shop.rows("_source_row")) == 66_500
