"""What rows say beside others: gaps, conflicting keys and foreign currencies, counted on rows made by hand."""

from __future__ import annotations

import duckdb
import pytest

from cx_assets.contracts import load_contracts, row_rules
from cx_assets.contracts.references import beside_expectations, beside_sql, references
from cx_assets.contracts.validation import validate_frame

CONTRACTS = load_contracts()
TYPES = {"text": "varchar"}
PAYMENT = {"payment_id": "p1", "order_id": "o1", "paid_amount": 10, "currency_code": "EUR"}
ORDER = {"order_id": "o1", "order_status": "completed"}
Rows = list[dict[str, object]]


def outcome(entity: str, rows: dict[str, Rows], *, currencies: tuple[str, ...] = (), share: float = 1.0):
    """Aggregates and failures of an entity whose neighbours hold the given rows."""
    with duckdb.connect() as connection:
        for name, contract in CONTRACTS.items():
            columns = {column: TYPES.get(item.type, item.type) for column, item in contract.columns.items()}
            columns |= {"violated_rules": "varchar", "_load_sequence": "bigint"}
            connection.execute(f"create table {name} ({', '.join(f'{n} {kind}' for n, kind in columns.items())})")
            for row in rows.get(name, []):
                values = {"_load_sequence": 1, **row}
                marks = ", ".join("?" for _ in values)
                connection.execute(f"insert into {name} ({', '.join(values)}) values ({marks})", list(values.values()))
        key = " || '|' || ".join(f"coalesce({name}, '')" for name in CONTRACTS[entity].key)
        repeated = (
            f"(select {key} as row_key, count(*) as accepted_count from {entity} where violated_rules is null"
            " group by all having count(*) > 1)"
        )
        frame = connection.execute(beside_sql(CONTRACTS[entity], CONTRACTS, str, repeated, currencies)).df()
    expectations = beside_expectations(
        CONTRACTS[entity], CONTRACTS, max_unknown_share=share, max_conflicting_share=share
    )
    return frame.iloc[0].to_dict(), validate_frame(frame, expectations).failures


def test_references_are_the_keys_of_other_entities() -> None:
    assert references(CONTRACTS["transaction_line"], CONTRACTS) == {
        "order_id": "sales_order",
        "record_id": "customer_record",
        "product_id": "product",
    }
    assert references(CONTRACTS["payment"], CONTRACTS) == {"order_id": "sales_order"}
    assert references(CONTRACTS["product"], CONTRACTS) == {}


def test_a_row_that_names_what_no_load_brought_is_a_gap() -> None:
    payments = [
        PAYMENT,
        {**PAYMENT, "payment_id": "p2", "order_id": "o2"},
        {**PAYMENT, "payment_id": "p3", "order_id": "o3"},
        {**PAYMENT, "payment_id": "p4", "order_id": "o9", "violated_rules": "paid_amount_max"},
    ]
    orders = [ORDER, {**ORDER, "order_id": "o3", "violated_rules": "ordered_at_required"}]
    found, failures = outcome("payment", {"payment": payments, "sales_order": orders}, share=0.5)
    # o2 never came and o3 was refused: 2 of the 3 accepted payments; the refused payment is not judged.
    assert (found["unknown_order_id_count"], round(found["unknown_order_id_share"], 4)) == (2, 0.6667)
    assert failures == [
        "unknown_order_id_share is 0.6666666666666666: More rows than company.yml allows name a order_id that no load"
        " of sales_order brought."
    ]


def test_an_entity_that_the_company_lacks_leaves_no_gap() -> None:
    found, failures = outcome("payment", {"payment": [PAYMENT]}, share=0.0)
    assert (found["unknown_order_id_count"], found["unknown_order_id_share"], failures) == (0, 0.0, [])


@pytest.mark.parametrize(
    ("second", "count"),
    [
        ({}, 0),
        ({"paid_amount": 11}, 1),
        ({"paid_amount": None}, 1),
        ({"paid_amount": 11, "_load_sequence": 2}, 0),
        ({"paid_amount": 11, "payment_id": "p2"}, 0),
    ],
    ids=["repeated", "other amount", "no amount", "other load", "other key"],
)
def test_keys_of_one_load_conflict_when_their_content_differs(second: dict[str, object], count: int) -> None:
    found, failures = outcome("payment", {"payment": [PAYMENT, {**PAYMENT, **second}]}, share=0.0)
    assert found["conflicting_key_count"] == count
    assert bool(failures) == bool(count)


def test_versions_that_the_contract_orders_do_not_conflict() -> None:
    versions = [{**ORDER, "updated_at": f"2024-01-0{day}"} for day in (1, 2)]
    versions[1]["order_status"] = "returned"
    assert outcome("sales_order", {"sales_order": versions})[0]["conflicting_key_count"] == 0
    versions[1]["updated_at"] = versions[0]["updated_at"]
    assert outcome("sales_order", {"sales_order": versions})[0]["conflicting_key_count"] == 1


def test_a_currency_that_the_company_does_not_declare_stops() -> None:
    payments = [PAYMENT, {**PAYMENT, "payment_id": "p2", "currency_code": "USD"}]
    found, failures = outcome("payment", {"payment": payments}, currencies=("EUR", "CHF"))
    assert found["foreign_currency_count"] == 1
    assert failures == [
        "foreign_currency_count is 1.0: Rows are in a currency that company.yml does not declare (currency_codes)."
    ]
    assert outcome("payment", {"payment": payments})[1] == []


@pytest.mark.parametrize(
    ("code", "is_broken"), [("EUR", False), ("DEM", False), ("eur", True), ("EU", True), ("XXX", True)]
)
def test_currency_codes_are_those_of_iso_4217(code: str, is_broken: bool) -> None:
    rule = {rule.name: rule for rule in row_rules(CONTRACTS["payment"])}["currency_code_iso_4217"]
    assert duckdb.sql(f"select {rule.sql} from (select '{code}' as currency_code)").fetchone() == (is_broken,)
