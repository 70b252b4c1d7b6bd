"""Tables that Python writes: one declaration, and what follows from it."""

import duckdb
import pandas as pd
import pytest

from cx_assets.contracts import ContractError
from cx_assets.contracts.python_tables import parse_tables, python_tables, table_aggregate_sql, table_expectations
from cx_assets.contracts.validation import validate_frame

TEXT = """
scores.shelf:
  grain: One book on a shelf.
  key: [shelf, book]
  columns:
    shelf: {type: text, required: true, description: Shelf.}
    book: {type: text, required: true, description: Book.}
    pages: {type: bigint, description: Pages., unit: pages}
    bought: {type: date, description: Day of purchase.}
"""


def table():
    return parse_tables(TEXT, "tables.yml")["scores.shelf"]


def test_a_declaration_gives_ddl_types_and_words():
    assert table().relation == '"scores"."shelf"'
    assert table().column_ddl == '"shelf" varchar, "book" varchar, "pages" bigint, "bought" date'
    assert table().columns["pages"].meaning == "Pages. Unit: pages."


def test_rows_take_the_declared_columns_and_types():
    rows = table().typed([{"book": "b", "shelf": "s", "extra": 1, "pages": None}, {"book": "c", "shelf": "s"}])
    assert rows.columns.tolist() == ["shelf", "book", "pages", "bought"]
    assert [str(kind) for kind in rows.dtypes] == ["str", "str", "Int64", "datetime64[us]"]
    assert rows["pages"].isna().all()
    empty = table().typed([])
    assert [str(kind) for kind in empty.dtypes] == ["str", "str", "Int64", "datetime64[us]"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"shelf": "s"}], "columns are missing: book"),
        ([{"shelf": None, "book": "b"}], "columns are null: shelf"),
    ],
)
def test_rows_without_what_is_required_are_refused(rows, message):
    with pytest.raises(ValueError, match=message):
        table().typed(rows)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("key: [shelf, book]", "key: [shelf, page]"), "unknown columns"),
        (("type: text", "type: varchar"), "shelf.type"),
        (("grain: One book on a shelf.", "grain: ''"), "grain"),
        (("description: Book.", "describtion: Book."), "book"),
    ],
)
def test_a_wrong_declaration_is_told(change, message):
    with pytest.raises(ContractError, match=message):
        parse_tables(TEXT.replace(*change), "tables.yml")


@pytest.mark.parametrize(
    ("rows", "is_passed", "counts"),
    [
        ([("s", "b"), ("s", "c")], True, (2, 0, 0)),
        ([], True, (0, 0, 0)),
        ([("s", "b"), ("s", "b")], False, (2, 0, 1)),
        ([("s", None)], False, (1, 1, 0)),
    ],
)
def test_the_check_fails_on_repeated_keys_and_nulls(rows, is_passed, counts):
    connection = duckdb.connect()
    connection.execute(f"create schema scores; create table {table().relation} ({table().column_ddl})")
    for row in rows:
        connection.execute(f"insert into {table().relation} (shelf, book) values (?, ?)", row)
    found = connection.execute(table_aggregate_sql(table())).df()
    assert tuple(found.iloc[0]) == counts
    assert validate_frame(found, table_expectations()).is_passed is is_passed


def test_every_concept_with_a_declaration_is_found():
    assert {"run.snapshot", "identity.ledger", "scores.customer_rfm", "scores.churn_model"} <= set(python_tables())


def test_text_is_of_pandas():
    assert pd.api.types.is_string_dtype(table().typed([])["book"])
