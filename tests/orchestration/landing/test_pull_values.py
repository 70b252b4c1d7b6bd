"""Values of databases: each lands as the server means it, or is refused; never as another."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.orchestration.landing.conftest import NOW, Shop
from tests.orchestration.landing.test_control_totals import said
from tests.servers.databases import Database


def shop(server: Database, folder: Path, columns: dict[str, object], **table: object) -> Shop:
    given = {"description": "Rows.", "relation": f"{server.schema}.things", "key": ["id"], "columns": columns}
    return Shop(folder, {**given, **table}, connection={"kind": server.kind, "url_env": "CX_TEST_URL"})


# Type in the database, declared type, value as SQL, value as it lands (cast to text); None is null.
MYSQL = [
    ("bit(8)", "bigint", "16", "16"),
    ("bit(8)", "bigint", "10", "10"),
    ("bit(8)", "text", "18", "18"),
    ("bit(1)", "boolean", "b'1'", "true"),
    ("bit(1)", "boolean", "b'0'", "false"),
    ("bit(1)", "bigint", "null", None),
    ("bit(63)", "bigint", "9223372036854775807", "9223372036854775807"),
    ("bit(64)", "text", "18446744073709551615", "18446744073709551615"),
    ("tinyint(1)", "boolean", "1", "true"),
    # The server's own text of a FLOAT has six digits: 1234570, 12345.7 and 16777200.
    ("float", "double", "1234567.9", "1234567.9"),
    ("float", "decimal(18,2)", "12345.67", "12345.67"),
    ("float", "bigint", "16777215", "16777215"),
    ("float", "double", "0.1", "0.1"),
    ("float", "text", "10", "10"),
    ("float", "text", "0.00001", "0.00001"),
    ("float", "double", "-3.4e38", "-3.4e+38"),
    ("float", "double", "null", None),
    ("double", "double", "0.1 + 0.2e0", "0.30000000000000004"),
    ("double", "double", "1.7976931348623157e308", "1.7976931348623157e+308"),
    ("decimal(65,3)", "text", "12345678901234567890123456789012345.125", "12345678901234567890123456789012345.125"),
    ("bigint unsigned", "text", "18446744073709551615", "18446744073709551615"),
    ("varbinary(20)", "text", "'12'", "\\x3132"),
    ("binary(4)", "text", "x'00ff'", "\\x00ff0000"),
    ("blob", "text", "x'c3a4'", "\\xc3a4"),
    ("blob", "text", "''", "\\x"),
    ("char(5)", "text", "'ab'", "ab"),
    ("time", "text", "'838:59:59'", "838:59:59"),
    ("time", "text", "'-01:00:00'", "-01:00:00"),
    ("year", "bigint", "2024", "2024"),
    ("enum('a','b')", "text", "'b'", "b"),
    ("set('a','b','c')", "text", "'c,a'", "a,c"),
    ("json", "text", """'{"B": 1, "a": 1.50}'""", """{"B": 1, "a": 1.50}"""),
    ("datetime(6)", "timestamp", "'2024-05-01 10:00:00.123456'", "2024-05-01 10:00:00.123456"),
    ("timestamp(3)", "timestamp", "'2024-05-01 10:00:00.125'", "2024-05-01 10:00:00.125"),
    ("uuid", "text", "'123e4567-e89b-12d3-a456-426655440000'", "123e4567-e89b-12d3-a456-426655440000"),
]
MYSQL_REFUSED = [
    ("bit(64)", "bigint", "18446744073709551615"),
    ("bigint unsigned", "bigint", "9223372036854775808"),
    ("varbinary(20)", "bigint", "'12'"),
    ("blob", "boolean", "'1'"),
    ("decimal(65,2)", "decimal(18,2)", "99999999999999999.99"),
    ("double", "decimal(18,2)", "0.125"),
    ("time", "timestamp", "'25:00:00'"),
    ("date", "date", "0"),
    ("year", "date", "0"),
]
POSTGRES = [
    ("char(5)", "text", "'ab'", "ab"),
    ("char(5)", "text", "'   '", None),
    ("char(5)", "bigint", "'12'", "12"),
    ("char(3)[]", "text", "array['a', 'b']", "{a,b}"),
    ("varchar(5)", "text", "'ab '", "ab "),
    ("bit(8)", "bigint", "b'00010000'", "16"),
    ("bit(8)", "text", "b'00010000'", "00010000"),
    ("bit(1)", "boolean", "b'1'", "true"),
    ("bit varying(9)", "bigint", "b'101'", "5"),
    ("bit varying(9)", "bigint", "null", None),
    ("real", "double", "1234567.9", "1234567.9"),
    ("real", "decimal(18,2)", "12345.67", "12345.67"),
    ("double precision", "double", "0.1::float8 + 0.2::float8", "0.30000000000000004"),
    ("numeric", "text", "'123456789012345678901234567890.123'", "123456789012345678901234567890.123"),
    ("numeric", "text", "'NaN'", "NaN"),
    ("money", "decimal(18,2)", "'1234567.5'", "1234567.50"),
    ("money", "decimal(18,2)", "'-0.05'", "-0.05"),
    ("bytea", "text", "'\\x3132'", "\\x3132"),
    ("integer[]", "text", "array[1, null, 3]", "{1,NULL,3}"),
    ("text[]", "text", "array['a,b', 'c\"d']", '{"a,b","c\\"d"}'),
    ("json", "text", """'{"B": 1,  "a": 1.50}'""", """{"B": 1,  "a": 1.50}"""),
    ("jsonb", "text", """'{"B": 1,  "a": 1.50}'""", """{"B": 1, "a": 1.50}"""),
    ("interval", "text", "'1 year 2 days 03:00:00'", "P1Y2DT3H"),
    ("time", "text", "'24:00:00'", "24:00:00"),
    ("timestamptz", "timestamp", "'2024-05-01 10:00:00.123456+02'", "2024-05-01 08:00:00.123456"),
    ("boolean", "boolean", "true", "true"),
    ("uuid", "text", "'123e4567-e89b-12d3-a456-426655440000'", "123e4567-e89b-12d3-a456-426655440000"),
    ("inet", "text", "'10.0.0.1'", "10.0.0.1"),
    ("int4range", "text", "'[1,5)'", "[1,5)"),
]
POSTGRES_REFUSED = [
    ("numeric", "double", "'NaN'"),
    ("numeric", "decimal(18,2)", "'NaN'"),
    ("double precision", "double", "'-Infinity'"),
    ("bytea", "bigint", "'12'"),
    ("integer[]", "bigint", "array[12]"),
    ("interval", "bigint", "'12 days'"),
    ("bit(64)", "bigint", "(b'1' || repeat('0', 63)::bit(63))::bit(64)"),
    ("time", "timestamp", "'24:00:00'"),
    ("timestamptz", "timestamp", "'0044-03-15 10:00:00+00 BC'"),
    ("timestamp", "timestamp", "'infinity'"),
    ("date", "date", "'10000-01-01'"),
]


def things(server: Database, cases: list[tuple[str, str, str]]) -> dict[str, object]:
    """A table with one row a case, each case a column of its own; the columns as they are declared."""
    kinds = ", ".join(f"v{n} {kind} null" for n, (kind, _, _) in enumerate(cases))
    server.run(f"create table things (id int primary key, {kinds})")
    for n, (_, _, value) in enumerate(cases):
        server.run(f"insert into things (id, v{n}) values ({n}, {value})".replace("%", "%%"))
    return {"id": "bigint"} | {f"v{n}": declared for n, (_, declared, _) in enumerate(cases)}


def test_a_value_lands_as_the_server_means_it(server, tmp_path):
    cases = MYSQL if server.kind == "mysql" else POSTGRES
    company = shop(server, tmp_path, things(server, [case[:3] for case in cases]))
    company.land()
    assert company.quarantined("_source_row, rule") == []
    landed = [company.rows(f"cast(v{n} as varchar)")[n][0] for n in range(len(cases))]
    assert landed == [case[3] for case in cases]


def test_a_value_that_its_type_cannot_hold_is_refused(server, tmp_path):
    if server.kind == "mysql":
        server.run("set sql_mode = ''")
    cases = MYSQL_REFUSED if server.kind == "mysql" else POSTGRES_REFUSED
    company = shop(server, tmp_path, things(server, cases))
    company.land()
    assert company.rows("id") == []
    assert company.quarantined("rule") == [(f"v{n}_type",) for n in range(len(cases))]


def test_keys_without_their_blanks_are_found_again(server, tmp_path):
    server.run("create table things (id char(6), amount int)")
    server.run("insert into things values ('a', 1), ('b', 2)")
    company = shop(server, tmp_path, {"id": "text", "amount": "bigint"}, deletes={"kind": "compare_keys"})
    company.land()
    assert company.land(NOW).status == "unchanged"
    server.run("delete from things where id = 'a'")
    assert company.land(NOW).manifest.pull.deleted_count == 1


def test_a_table_of_one_column_keeps_its_null(server, tmp_path):
    server.run("create table things (id varchar(20))")
    server.run("insert into things values ('a@x.de'), (null), ('c@x.de')")
    company = shop(server, tmp_path, {"id": "text"}, deletes={"kind": "compare_keys"})
    result = company.land()
    assert (result.landed_count, result.quarantined_count) == (3, 0)
    assert company.rows("id, _source_row") == [("a@x.de", 1), (None, 2), ("c@x.de", 3)]
    assert company.land(NOW).status == "unchanged"
    server.run("delete from things where id is null")
    assert company.land(NOW).manifest.pull.deleted_count == 1


@pytest.mark.parametrize("kind", ["float", "double precision", "money", "numeric(20,6)"])
def test_sums_of_the_source_are_those_of_its_values(server, tmp_path, kind):
    kind = {("postgres", "float"): "real", ("mysql", "money"): "decimal(65,2)"}.get((server.kind, kind), kind)
    local = "timestamp" if server.kind == "postgres" else "datetime"
    server.run(f"create table things (id int, amount {kind}, sold_at {local})")
    server.run(
        "insert into things values (1, '12345.67', '2024-05-01 10:00:00'), (2, '0.1', '2024-05-01 11:00:00'),"
        " (3, '12345.67', '2024-05-01 12:00:00'), (4, null, '2024-05-02 10:00:00')"
    )
    columns = {"id": "bigint", "amount": "decimal(18,2)", "sold_at": "timestamp"}
    company = shop(server, tmp_path, columns, reconcile={"day": "sold_at", "amount": "amount"})
    company.land()
    assert dict(said(company)) == {
        ("total", "2024-05-01", "3", "24691.440000", None): 1,
        ("total", "2024-05-02", "1", None, None): 1,
    }
