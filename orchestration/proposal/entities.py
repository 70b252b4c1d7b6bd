"""Which contracts a table fills, by the names and values of its columns."""

from collections.abc import Mapping as Columns
from dataclasses import dataclass, field
from typing import Literal

from cx_assets.contracts import load_contracts
from cx_assets.contracts.entity import NUMERIC_TYPES, TEMPORAL_TYPES, ColumnContract
from orchestration.proposal.observed import ObservedTable
from orchestration.proposal.synonyms import best_columns

Shape = Literal["row", "first"]


@dataclass
class Mapping:
    """A contract and the table that fills it.

    Attributes:
        entity: The contract.
        table: The table.
        columns: Column of the table by column of the contract (and `unit_price`).
        shape: row: one row of the table is one of the entity. first: the first row of each key stands for it.
        order_table: Table of the orders that a line takes its time and customer from; None where it has its own.
        order_columns: Columns of that table by column of the contract.
    """

    entity: str
    table: ObservedTable
    columns: dict[str, str]
    shape: Shape = "row"
    order_table: ObservedTable | None = None
    order_columns: dict[str, str] = field(default_factory=dict)


_NEEDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # All of the first, and one of the second where there is any.
    "customer_record": (
        ("record_id",),
        ("email", "phone", "given_name", "family_name", "company_name", "birth_date", "street_address", "postal_code"),
    ),
    "product": (("product_id",), ("product_name", "category_name", "list_price_amount")),
    "sales_order": (("order_id", "ordered_at"), ()),
    "transaction_line": (("order_id",), ("net_amount", "unit_price")),
    "payment": (("order_id", "paid_amount"), ()),
    "survey_response": (("score", "responded_at"), ()),
    "survey_invitation": (("invited_at",), ()),
    "interaction": (("occurred_at", "interaction_type"), ()),
    "ticket": (("ticket_id", "opened_at"), ()),
    "lead": (("lead_id", "created_at"), ()),
    "campaign_contact": (("campaign_id", "record_id", "contacted_at"), ()),
}
_KEYS = {
    "customer_record": "record_id",
    "product": "product_id",
    "sales_order": "order_id",
    "ticket": "ticket_id",
    "lead": "lead_id",
}
_BORROWED = ("record_id", "occurred_at")


def find_mappings(tables: list[ObservedTable]) -> list[Mapping]:
    """Every contract that the tables fill; of what only lines tell (orders, products, customers), the lines' first.

    The order is that of the contracts, then of the tables.
    """
    found = [mapping for table in tables for entity in _NEEDS if (mapping := _direct(entity, table))]
    orders = [mapping for mapping in found if mapping.entity == "sales_order"]
    lines = [mapping for mapping in found if mapping.entity == "transaction_line"]
    for line in lines:
        _borrow(line, orders)
    found = [mapping for mapping in found if mapping.entity != "transaction_line" or _is_whole_line(mapping)]
    for entity, needed in (("sales_order", "ordered_at"), ("product", "product_id"), ("customer_record", "record_id")):
        if not any(mapping.entity == entity for mapping in found):
            found += [first for table in tables if (first := _derived(entity, needed, table, found))][:1]
    order = list(load_contracts())
    return sorted(found, key=lambda mapping: (order.index(mapping.entity), tables.index(mapping.table)))


def columns_of(entity: str, table: ObservedTable) -> dict[str, str]:
    """Columns of a table for those of a contract, without those whose type the contract's cannot come from."""
    headers = {name: column.header or name for name, column in table.columns.items()}
    contract = load_contracts()[entity].columns
    fitting: dict[str, str] = {}
    while True:
        chosen = best_columns(entity, headers)
        wrong = [name for target, name in chosen.items() if not _fits(target, table, name, contract)]
        if not wrong:
            fitting.update(chosen)
            return fitting
        for name in wrong:
            headers.pop(name, None)


def _fits(target: str, table: ObservedTable, name: str, contract: Columns[str, ColumnContract]) -> bool:
    column = table.columns[name]
    wanted = contract[target].type if target in contract else "double"
    if not column.filled:
        return False
    if wanted in TEMPORAL_TYPES:
        return column.type in TEMPORAL_TYPES
    if wanted in NUMERIC_TYPES:
        return column.type in NUMERIC_TYPES or column.thousands is not None
    if wanted == "boolean":
        return column.type == "boolean" or 0 < len(column.values) <= 3
    if target == "language_code":
        return all(len(value) == 2 for value in column.values) and bool(column.values)
    return column.type not in TEMPORAL_TYPES


def _direct(entity: str, table: ObservedTable) -> Mapping | None:
    columns = columns_of(entity, table)
    needed, any_of = _NEEDS[entity]
    if not all(name in columns for name in needed) or (any_of and not any(name in columns for name in any_of)):
        return None
    key = _KEYS.get(entity)
    if key and not table.is_unique(columns[key]):
        return None
    return Mapping(entity, table, columns) if _is_plausible(entity, table, columns) else None


def _is_plausible(entity: str, table: ObservedTable, columns: dict[str, str]) -> bool:
    """Whether the table's other columns do not say that it is about something else."""
    if entity == "customer_record":
        return not {"net_amount", "order_id"} & columns_of("transaction_line", table).keys()
    if entity == "product":
        return "order_id" not in columns_of("sales_order", table)
    if entity == "survey_response":
        return _is_score(table, columns["score"])
    if entity == "transaction_line":
        return bool({"product_id", "quantity"} & columns.keys())
    return entity != "interaction" or "order_id" not in columns


def _is_score(table: ObservedTable, name: str) -> bool:
    column = table.columns[name]
    return column.low is not None and column.high is not None and column.low >= 0 and column.high <= 100


def _borrow(line: Mapping, orders: list[Mapping]) -> None:
    """A line without time or customer takes them from its order, where orders are a table of their own."""
    missing = [name for name in _BORROWED if name not in line.columns]
    for order in orders:
        taken = {"record_id": order.columns.get("record_id"), "occurred_at": order.columns["ordered_at"]}
        found = {name: column for name in missing if (column := taken[name])}
        if found and order.table is not line.table:
            line.order_table = order.table
            line.order_columns = {"order_id": order.columns["order_id"], **found}
            return


def _is_whole_line(line: Mapping) -> bool:
    return "occurred_at" in {**line.columns, **line.order_columns}


def _derived(entity: str, needed: str, table: ObservedTable, found: list[Mapping]) -> Mapping | None:
    """What lines or orders tell of an entity that has no table: the first row of each key."""
    if not any(m.table is table and m.entity in ("transaction_line", "sales_order", "survey_response") for m in found):
        return None
    columns = columns_of(entity, table)
    if needed not in columns or _KEYS[entity] not in columns:
        return None
    return Mapping(entity, table, columns, shape="first")
