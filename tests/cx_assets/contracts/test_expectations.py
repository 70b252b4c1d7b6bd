"""Aggregates over contracts and marts, computed by the engine on rows made by hand."""

import duckdb
import pytest

from cx_assets.contracts import load_contracts, row_rules
from cx_assets.contracts.expectations import aggregate_sql, entity_expectations, refusals_sql
from cx_assets.contracts.marts import load_marts, mart_aggregate_sql, mart_expectations
from cx_assets.contracts.validation import validate_frame

CONTRACTS = load_contracts()
TYPES = {"text": "varchar"}


def relation(connection: duckdb.DuckDBPyConnection, entity: str, rows: list[dict[str, object]]) -> str:
    """A contract model with the given columns filled, everything else null but the row's place in its file."""
    columns = {name: TYPES.get(column.type, column.type) for name, column in CONTRACTS[entity].columns.items()}
    columns |= {
        "_mistyped_columns": "varchar",
        "violated_rules": "varchar",
        "_load_sequence": "bigint",
        "_source_file": "varchar",
        "_source_row": "bigint",
    }
    declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    connection.execute(f"create or replace table contract_rows ({declared})")
    for number, values in enumerate(rows, start=1):
        row = {"_load_sequence": 1, "_source_file": "rows.csv", "_source_row": number, **values}
        names = ", ".join(row)
        connection.execute(
            f"insert into contract_rows ({names}) values ({', '.join('?' for _ in row)})", list(row.values())
        )
    return "contract_rows"


PAYMENT = {
    "payment_id": "p1",
    "source_system": "shop",
    "order_id": "o1",
    "paid_amount": 10,
    "currency_code": "EUR",
}


REPEATED = "(select payment_id as row_key from contract_rows group by all having count(*) > 1)"


def outcome_of(rows: list[dict[str, object]], limit: float = 0.3):
    with duckdb.connect() as connection:
        made = relation(connection, "payment", rows)
        frame = connection.execute(aggregate_sql(CONTRACTS["payment"], made, REPEATED)).df()
    return frame, validate_frame(frame, entity_expectations(CONTRACTS["payment"], limit))


def test_accepted_rows_that_keep_the_contract_pass() -> None:
    frame, outcome = outcome_of([PAYMENT, {**PAYMENT, "payment_id": "p2"}])
    assert outcome.is_passed
    assert (frame["row_count"][0], frame["accepted_count"][0], frame["quarantined_share"][0]) == (2, 2, 0.0)


def test_an_entity_that_the_company_lacks_passes_with_no_rows() -> None:
    frame, outcome = outcome_of([])
    assert outcome.is_passed
    assert (frame["row_count"][0], frame["quarantined_share"][0]) == (0, 0.0)


def test_refused_rows_are_not_judged_again_but_counted() -> None:
    refused = {**PAYMENT, "payment_id": "p2", "currency_code": "EURO", "violated_rules": "currency_code_iso_4217"}
    frame, outcome = outcome_of([PAYMENT, refused, {**PAYMENT, "payment_id": "p3"}, {**PAYMENT, "payment_id": "p4"}])
    assert frame["quarantined_share"][0] == 0.25
    assert outcome.is_passed
    _, strict = outcome_of([PAYMENT, refused], limit=0.3)
    assert strict.failures == ["quarantined_share is 0.5: More rows break the contract than company.yml allows."]


def test_a_small_source_with_a_broken_mapping_is_not_hidden_by_a_large_one() -> None:
    large = [{**PAYMENT, "payment_id": f"p{number}"} for number in range(8)]
    refused = {**PAYMENT, "source_system": "till", "currency_code": "EURO", "violated_rules": "currency_code_iso_4217"}
    _, outcome = outcome_of([*large, refused, {**PAYMENT, "source_system": "till"}])
    assert outcome.failures == ["quarantined_share is 0.5: More rows break the contract than company.yml allows."]


def test_a_bad_row_that_was_let_through_fails_the_border() -> None:
    _, outcome = outcome_of([PAYMENT, {**PAYMENT, "payment_id": "p2", "currency_code": "EURO"}])
    assert outcome.failures == [
        "broken_currency_code_iso_4217 is 1.0: Accepted rows: currency_code is no currency code of ISO 4217."
    ]


def test_a_mistyped_value_that_was_let_through_fails_the_border() -> None:
    _, outcome = outcome_of([PAYMENT, {**PAYMENT, "payment_id": "p2", "_mistyped_columns": "paid_at"}])
    assert outcome.failures == ["broken_paid_at_type is 1.0: Accepted rows: paid_at is no valid timestamp."]


def test_reasons_are_counted_the_most_frequent_first() -> None:
    rows = [
        PAYMENT,
        {**PAYMENT, "currency_code": "EURO", "order_id": None},
        {**PAYMENT, "currency_code": "E"},
        {**PAYMENT, "paid_amount": None, "_mistyped_columns": "paid_amount"},
    ]
    with duckdb.connect() as connection:
        found = connection.execute(refusals_sql(CONTRACTS["payment"], relation(connection, "payment", rows)))
        assert found.fetchall() == [
            ("currency_code_iso_4217", "currency_code is no currency code of ISO 4217.", 2),
            ("order_id_required", "order_id is missing.", 1),
            ("paid_amount_type", "paid_amount is no valid decimal(18,2).", 1),
        ]


def test_a_later_version_of_a_key_is_no_repetition() -> None:
    frame, outcome = outcome_of([PAYMENT, {**PAYMENT, "_load_sequence": 2}])
    assert frame["duplicate_key_count"][0] == 0
    assert outcome.is_passed


def test_a_join_that_repeats_a_source_row_fails_the_border() -> None:
    _, outcome = outcome_of([{**PAYMENT, "_source_row": 7}, {**PAYMENT, "_source_row": 7}])
    assert outcome.failures == [
        "duplicate_key_count is 1.0: One source row gave a key twice: a staging join repeats it."
    ]


@pytest.mark.parametrize("entity", sorted(CONTRACTS))
def test_every_rule_of_every_contract_is_expected_and_computed(entity: str) -> None:
    with duckdb.connect() as connection:
        made = relation(connection, entity, [])
        frame = connection.execute(aggregate_sql(CONTRACTS[entity], made, "(select 'k' as row_key)")).df()
    wanted = {f"broken_{rule.name}" for rule in row_rules(CONTRACTS[entity])}
    assert wanted < set(frame.columns)
    assert wanted < {expectation.column for expectation in entity_expectations(CONTRACTS[entity], 0.05)}


RFM = "create table marts.mart_segment__rfm as select * from (values {rows}) as t"
COLUMNS = "(customer_id, recency_days, purchase_count, recency_score, frequency_score, monetary_score)"


@pytest.mark.parametrize(
    ("rows", "failures"),
    [
        ("('a', 0, 1, 5, 1, 1), ('b', 3, 2, 1, 5, 5)", []),
        ("('a', 0, 1, 5, 1, 1), ('a', 3, 2, 1, 5, 5)", ["duplicate_key_count is 1.0: The key is not unique."]),
        ("('a', 0, 1, 5, 1, 1), (null, 3, 2, 1, 5, 5)", ["null_key_count is 1.0: A part of the key is null."]),
        ("('a', -1, 1, 5, 1, 1)", ["min_recency_days is -1.0: recency_days is below 0."]),
        ("('a', 0, 1, 6, 1, 1)", ["max_recency_score is 6.0: recency_score is above 5."]),
    ],
)
def test_a_mart_is_judged_on_key_and_bounds(rows: str, failures: list[str]) -> None:
    mart = next(mart for mart in load_marts() if mart.name == "mart_segment__rfm")
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute(RFM.format(rows=rows) + COLUMNS)
        frame = connection.execute(mart_aggregate_sql(mart)).df()
    assert validate_frame(frame, mart_expectations(mart)).failures == failures
