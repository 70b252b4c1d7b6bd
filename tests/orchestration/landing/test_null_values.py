"""Texts that a source writes for null, by declaration; and what is said where a declared column is not found."""

from __future__ import annotations

import json
from decimal import Decimal

import duckdb
import pytest

from orchestration.declaration.company import CompanyError
from orchestration.landing.control_totals.totals import statement_rows
from orchestration.landing.formats.columns import MissingColumnError

NULLS = ["N/A", "-", "it's null"]
COLUMNS = {
    "contact_id": "text",
    "amount": "decimal(18,2)",
    "sign": {"type": "text", "null_values": ["?"]},
    "note": {"type": "text", "null_values": []},
}
ROWS = [
    ("c1", "N/A", "?", "-", "-"),
    ("-", "1", "x", "x", "x"),
    ("c3", " - ", "-", "N/A", "it's null"),
    ("c4", "n/a", "x", "x", "x"),
    ("c5", "2", "x", "x", "-5"),
]
NAMES = ("contact_id", "amount", "sign", "note", "more")


def write(shop, form):
    shop.source.mkdir(parents=True, exist_ok=True)
    if form == "csv":
        shop.write("a.csv", "\n".join(",".join(row) for row in [NAMES, *ROWS]) + "\n")
    elif form == "jsonl":
        shop.write("a.jsonl", "\n".join(json.dumps(dict(zip(NAMES, row, strict=True))) for row in ROWS))
    else:
        values = ", ".join("(" + ", ".join("'" + text.replace("'", "''") + "'" for text in row) + ")" for row in ROWS)
        table = f"select * from (values {values}) as t({', '.join(NAMES)})"
        duckdb.sql(f"copy ({table}) to '{shop.source / 'a.parquet'}' (format parquet)")


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_declared_texts_mean_null_in_every_format(make_shop, form):
    shop = make_shop(path=f"*.{form}", format=form, columns=COLUMNS, null_values=NULLS)
    write(shop, form)
    shop.land()
    assert shop.rows(", ".join(NAMES)) == [
        ("c1", None, None, "-", None),
        ("c3", None, "-", "N/A", None),
        ("c5", Decimal("2.00"), "x", "x", "-5"),
    ]
    assert shop.quarantined("_source_row, rule") == [(2, "contact_id_required"), (4, "amount_type")]


def test_the_second_reader_takes_them_for_null_too(make_shop):
    shop = make_shop(
        null_values=["-"],
        columns={"contact_id": "text", "day": "date", "amount": "decimal(18,2)"},
        reconcile={"day": "day", "amount": "amount"},
    )
    shop.write("contacts.csv", "contact_id,day,amount\nc1,2024-05-01,1.5\nc2,2024-05-01,-\n")
    shop.land()
    said = statement_rows(shop.workspace.state_dir, shop.manifests(), [shop.item])
    told = said[["kind", "day", "row_count", "amount"]].to_numpy().tolist()
    assert told == [["total", "2024-05-01", "2", "1.500000"]]


@pytest.mark.parametrize("text", ["", " -", "- "])
def test_a_text_with_spaces_around_it_is_no_null_value(make_shop, text):
    with pytest.raises(CompanyError, match="write it without spaces around it"):
        _ = make_shop(null_values=[text]).company


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("contact_id,Amuont", "Did you mean 'Amuont' for amount?"),
        ("Contakt-ID,amounts", "Did you mean 'Contakt-ID' for contact_id, 'amounts' for amount?"),
    ],
)
def test_a_header_much_like_a_declared_column_is_named(make_shop, header, told):
    shop = make_shop()
    shop.write("contacts.csv", f"{header}\nc1,1\n")
    with pytest.raises(MissingColumnError) as caught:
        shop.land()
    assert str(caught.value).endswith(told)


def test_a_first_row_of_values_is_not_repeated(make_shop):
    shop = make_shop()
    shop.write("contacts.csv", "Anna Weber,12.50\n")
    with pytest.raises(MissingColumnError) as caught:
        shop.land()
    assert "Anna" not in str(caught.value)
    assert "12.50" not in str(caught.value)
