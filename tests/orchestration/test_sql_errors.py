"""An error in staging SQL names file, line and the names that the engine knows, and no value of a row."""

from __future__ import annotations

import duckdb
import pytest

from orchestration.ground.sql_errors import told

SQL = "with mapped as (\n    select\n        peices as quantity\n    from till\n)\n\nselect * from mapped\n"


def message_of(sql):
    with duckdb.connect() as connection:
        connection.execute("create table till(pieces bigint, product text)")
        connection.execute("insert into till values (1, 'secret')")
        with pytest.raises(duckdb.Error) as error:
            connection.execute(sql)
    return str(error.value)


def test_an_unknown_column(tmp_path):
    path = tmp_path / "stg_shop__transaction_line.sql"
    path.write_text(SQL, encoding="utf-8")
    assert told("stg_shop__transaction_line", message_of(SQL), path) == (
        'stg_shop__transaction_line: Binder Error: Referenced column "peices" not found in FROM clause!'
        f' ({path}, line 3) The nearest names are "pieces", "product".'
    )


def test_a_name_that_stands_in_no_file_and_a_file_that_is_absent(tmp_path):
    path = tmp_path / "absent.sql"
    assert "line" not in told("m", message_of(SQL), path)
    path.write_text("select 1", encoding="utf-8")
    assert "line" not in told("m", message_of(SQL), path)


def test_values_are_left_out(tmp_path):
    text = told("m", message_of("select cast(product as bigint) from till"), tmp_path / "m.sql")
    assert text.startswith("m: Conversion Error")
    assert "secret" not in text
