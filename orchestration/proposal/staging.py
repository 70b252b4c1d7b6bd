"""Staging SQL of one contract: columns mapped, what must not be null and is not there, and what a person decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from cx_assets.contracts import EntityContract, load_contracts
from cx_assets.contracts.entity import NUMERIC_TYPES
from orchestration.ground.sql_text import literal
from orchestration.proposal import recipes
from orchestration.proposal.entities import Mapping
from orchestration.proposal.observed import ObservedColumn
from orchestration.proposal.scan import folded
from orchestration.proposal.synonyms import candidates

_LINE_LIMIT = 100
_NAMES = 20
"""Values of the data that a comment names at most."""
_IDS = ("order_id", "record_id", "product_id", "response_id", "invitation_id")
_CONSTANTS = {
    "customer_type": ("'person'", "or 'company'"),
    "order_status": ("'completed'", "the table has no status"),
    "survey_type": ("'transactional'", "or 'relational'"),
    "is_complaint": ("false", "which tickets are complaints?"),
    "lead_status": ("'open'", "open, qualified, won or lost?"),
    "arm": ("'treatment'", "which customers were held out?"),
    "quantity": ("1", "the table has no pieces"),
    "channel": ("'web'", "web, app, store, phone, email, social or chat?"),
    "product_id": ("'unknown'", "the table names no product"),
}


@dataclass
class _Model:
    """What one file is made of.

    Attributes:
        mapping: Contract and table.
        source: Source in `company.yml`.
        currency: Reporting currency, where the table names none.
        latest_year: Last year that the data tell of.
        selected: SQL by column of the contract.
        notes: Comment by column of the contract.
    """

    mapping: Mapping
    source: str
    currency: str
    latest_year: int
    selected: dict[str, str] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)

    @property
    def alias(self) -> str:
        return "lines." if self.mapping.order_table else ""

    def raw(self, target: str) -> str | None:
        """The table's column for one of the contract, null without one."""
        if name := self.mapping.columns.get(target):
            return f"{self.alias}{name}"
        name = self.mapping.order_columns.get(target) if target != "order_id" else None
        return f"orders.{name}" if name else None

    def column(self, target: str) -> ObservedColumn:
        if target in self.mapping.columns or self.mapping.order_table is None:
            return self.mapping.table.columns[self.mapping.columns[target]]
        return self.mapping.order_table.columns[self.mapping.order_columns[target]]

    def note(self, target: str, text: str) -> None:
        self.notes.setdefault(target, []).append(text)


def staging_sql(mapping: Mapping, *, source: str, currency: str, latest_year: int) -> str:
    """The file's text.

    Args:
        mapping: Contract and table.
        source: Source in `company.yml`.
        currency: Currency where the table names none.
        latest_year: Last year that the data tell of, for years of two digits.
    """
    model = _Model(mapping, source, currency, latest_year)
    contract = load_contracts()[mapping.entity]
    for target in contract.columns:
        _map(model, contract, target)
    missing = [name for name in contract.columns if name not in model.selected]
    listed = ", ".join(f"'{name}'" for name in missing)
    call = f"{{{{ conform('{mapping.entity}'" + (f", missing=[{listed}]" if missing else "") + ") }}"
    if len(call) > _LINE_LIMIT:
        call = f"{{{{ conform('{mapping.entity}', missing=[\n" + _wrapped(missing) + "\n]) }}"
    mapped = f"mapped as (\n    select\n{_projections(model)}\n    from {_from(model)}\n)"
    return f"{_head(model)}{_relations(model)}{mapped}\n\n{call}\n"


def _map(model: _Model, contract: EntityContract, target: str) -> None:
    """One column of the contract; nothing where the table lacks it and it may be null."""
    own = _OWN.get((contract.entity, target)) or _OWN.get(("", target))
    if own:
        own(model)
    elif model.raw(target):
        model.selected[target] = _converted(model, contract, target)
    elif contract.columns[target].required and target in _CONSTANTS:
        model.selected[target], reason = _CONSTANTS[target]
        model.note(target, f"DECIDE: {reason}")
    elif target in contract.key:
        model.selected[target] = _row_id(model)
        model.note(target, "DECIDE: no column is a key; the row's place in its file stands for one")
    _tell_candidates(model, contract, target)


def _converted(model: _Model, contract: EntityContract, target: str) -> str:
    raw, column, wanted = model.raw(target) or "", model.column(target), contract.columns[target]
    unknown: list[str] = []
    if target in _IDS or (target in contract.key and wanted.type == "text"):
        return _prefixed(model, raw, column)
    if wanted.type in NUMERIC_TYPES:
        return recipes.amount(raw, column)
    if wanted.type == "boolean":
        sql, unknown = recipes.truth(raw, column)
    elif target == "country_code":
        sql, unknown = recipes.country(raw, column)
    elif wanted.allowed:
        sql, unknown = recipes.one_of(target, raw, column, wanted.allowed)
    elif target == "birth_date":
        sql = recipes.birth_date(raw, column, model.latest_year)
    else:
        sql = raw
    if unknown and not wanted.personal_data:
        shown = ", ".join(value.replace("\n", " ").replace("{", "(")[:40] for value in unknown[:_NAMES])
        more = f" and {len(unknown) - _NAMES} more" if len(unknown) > _NAMES else ""
        model.note(target, f"DECIDE: no word of the contract for {shown}{more}")
    return sql


def _prefixed(model: _Model, raw: str, column: ObservedColumn) -> str:
    text = raw if column.type == "text" else f"cast({raw} as {{{{ dbt.type_string() }}}})"
    return f"'{model.source}:' || {text}"


def _row_id(model: _Model) -> str:
    row = f"cast({model.alias}_source_row as {{{{ dbt.type_string() }}}})"
    return f"'{model.source}:{model.mapping.table.name}:' || {model.alias}_source_file || ':' || {row}"


def _source_system(model: _Model) -> None:
    model.selected["source_system"] = f"'{model.source}'"


def _currency_code(model: _Model) -> None:
    has_amount = any(target.endswith("_amount") or target == "unit_price" for target in model.mapping.columns)
    if raw := model.raw("currency_code"):
        model.selected["currency_code"] = f"upper(trim({raw}))"
    elif has_amount:
        model.selected["currency_code"] = f"'{model.currency}'"


def _line_id(model: _Model) -> None:
    mapping, table = model.mapping, model.mapping.table
    line = mapping.columns.get("line_id")
    order = _prefixed(model, model.raw("order_id") or "", model.column("order_id"))
    if line and table.is_unique(line):
        model.selected["line_id"] = _prefixed(model, model.raw("line_id") or "", model.column("line_id"))
    elif line and _is_pair(mapping, line, mapping.columns["order_id"]):
        model.selected["line_id"] = f"{order} || '-' || {_text(model.raw('line_id') or '', model.column('line_id'))}"
    else:
        number = recipes.line_number(model.raw("order_id") or "").replace("_load_id, _source_file", _lineage(model))
        number = number.replace("by _source_row", f"by {model.alias}_source_row")
        model.selected["line_id"] = f"{order} || '-' || cast({number} as {{{{ dbt.type_string() }}}})"
        model.note("line_id", "lines without numbers are counted within their order, in the order of their file;")
        model.note("line_id", "DECIDE: an order whose lines lie in several files needs another number")


def _lineage(model: _Model) -> str:
    return f"{model.alias}_load_id, {model.alias}_source_file"


def _payment_id(model: _Model) -> None:
    own, table = model.mapping.columns.get("payment_id"), model.mapping.table
    if own and table.is_unique(own):
        model.selected["payment_id"] = _prefixed(model, own, table.columns[own])
    elif own and _is_pair(model.mapping, own, model.mapping.columns["order_id"]):
        order = _prefixed(model, model.mapping.columns["order_id"], table.columns[model.mapping.columns["order_id"]])
        model.selected["payment_id"] = f"{order} || '-' || {_text(own, table.columns[own])}"
    else:
        model.selected["payment_id"] = _row_id(model)
        model.note("payment_id", "DECIDE: no column is a key; the row's place in its file stands for one")


def _response_id(model: _Model) -> None:
    mapping, table = model.mapping, model.mapping.table
    own = mapping.columns.get("response_id")
    order = mapping.columns.get("order_id")
    if own and table.is_unique(own):
        model.selected["response_id"] = _prefixed(model, own, table.columns[own])
    elif own and order and _is_pair(mapping, own, order):
        first = _prefixed(model, own, table.columns[own])
        model.selected["response_id"] = f"{first} || '-' || {_text(order, table.columns[order])}"
    else:
        model.selected["response_id"] = _row_id(model)
        model.note("response_id", "DECIDE: no column is a key; the row's place in its file stands for one")


def _text(raw: str, column: ObservedColumn) -> str:
    return raw if column.type == "text" else f"cast({raw} as {{{{ dbt.type_string() }}}})"


def _is_pair(mapping: Mapping, first: str, second: str) -> bool:
    return (first, second) in mapping.table.pairs or (second, first) in mapping.table.pairs


def _question_id(model: _Model) -> None:
    model.selected["question_id"] = literal(model.mapping.columns["score"])


def _survey_id(model: _Model) -> None:
    raw = model.raw("survey_id")
    model.selected["survey_id"] = raw or literal(model.mapping.table.name)


def _metric(model: _Model) -> None:
    low, high, metric = _scale(model)
    model.selected.update({"metric": f"'{metric}'"})
    scales = "nps is asked on 0 to 10, csat on 1 to 5, ces on 1 to 7"
    model.note("metric", f"DECIDE: values from {low:g} to {high:g}; {scales}")


def _scale_min(model: _Model) -> None:
    model.selected["scale_min"] = "0" if _scale(model)[2] == "nps" else f"{min(1.0, _scale(model)[0]):g}"


def _scale_max(model: _Model) -> None:
    _, high, metric = _scale(model)
    model.selected["scale_max"] = {"nps": "10", "csat": "5"}.get(metric, f"{max(high, 2.0):g}")


def _scale(model: _Model) -> tuple[float, float, str]:
    column = model.column("score")
    low, high = float(column.low or 0), float(column.high or 0)
    if high <= 5 and low >= 1:
        return low, high, "csat"
    is_nps = 7 < high <= 10 or "nps" in folded(column.header)
    return (low, high, "nps") if is_nps and high <= 10 else (low, high, "other")


def _line_type(model: _Model) -> None:
    quantity, net_amount = model.mapping.columns.get("quantity"), model.mapping.columns.get("net_amount")
    below = [name for name in (quantity, net_amount) if recipes.has_negatives(model.mapping.table, name)]
    model.selected["line_type"] = recipes.line_type([f"{model.alias}{name}" for name in below])
    order = model.column("order_id")
    if below and len(below) < 2 and quantity and net_amount:
        model.note("line_type", f"DECIDE: only {below[0]} goes below zero; of returns both must")
    elif not below:
        model.note("line_type", "DECIDE: no amount is negative; how are returns and credit notes told?")
    if order.notes:
        model.note("line_type", "; ".join(order.notes))


def _net_amount(model: _Model) -> None:
    table, columns = model.mapping.table, model.mapping.columns
    if raw := model.raw("net_amount"):
        model.selected["net_amount"] = recipes.amount(raw, table.columns[columns["net_amount"]])
        model.note(
            "net_amount", "DECIDE: the line after discounts, before shipping; is the tax in it, is it per piece?"
        )
    else:
        price = recipes.amount(model.raw("unit_price") or "", table.columns[columns["unit_price"]])
        model.selected["net_amount"] = f"round({model.raw('quantity') or '1'} * {price}, 2)"
        model.note("net_amount", "pieces times unit price; DECIDE: are discounts taken off already?")


def _touchpoint(model: _Model) -> None:
    if raw := model.raw("touchpoint"):
        model.selected["touchpoint"] = raw


_OWN: dict[tuple[str, str], Callable[[_Model], None]] = {
    ("", "source_system"): _source_system,
    ("", "currency_code"): _currency_code,
    ("transaction_line", "line_id"): _line_id,
    ("transaction_line", "line_type"): _line_type,
    ("transaction_line", "net_amount"): _net_amount,
    ("payment", "payment_id"): _payment_id,
    ("survey_response", "response_id"): _response_id,
    ("survey_response", "question_id"): _question_id,
    ("", "survey_id"): _survey_id,
    ("survey_response", "metric"): _metric,
    ("survey_response", "scale_min"): _scale_min,
    ("survey_response", "scale_max"): _scale_max,
    ("", "touchpoint"): _touchpoint,
}


def _tell_candidates(model: _Model, contract: EntityContract, target: str) -> None:
    """Other columns of the table that are called as this one might be."""
    table = model.mapping.table
    headers = {name: column.header or name for name, column in table.columns.items()}
    taken = set(model.mapping.columns.values())
    others = [name for name in candidates(contract.entity, target, headers) if name not in taken]
    if target in model.selected and model.raw(target) and others:
        model.note(target, f"DECIDE: or {', '.join(others)}")


def _head(model: _Model) -> str:
    contract = load_contracts()[model.mapping.entity]
    what = "its first row stands for it" if model.mapping.shape == "first" else "one row of the table each"
    return (
        f"-- Proposed by `cx init` from {model.source}.{model.mapping.table.name} ({what}). {contract.grain}\n"
        "-- Look at every line marked DECIDE, correct it, and take the mark away.\n"
    )


def _relations(model: _Model) -> str:
    mapping = model.mapping
    if mapping.shape == "first":
        key = mapping.columns[{"sales_order": "order_id", "product": "product_id"}.get(mapping.entity, "record_id")]
        return (
            "with ranked as (\n    select\n        *,\n        row_number() over (\n"
            f"            partition by _load_id, {key}\n"
            "            order by _source_file nulls last, _source_row nulls last\n        ) as key_rank\n"
            f"    from {{{{ source('landing', '{model.source}__{mapping.table.name}') }}}}\n"
            f"    where {key} is not null and not _is_deleted\n),\n\n"
        )
    if mapping.order_table:
        key = mapping.order_columns["order_id"]
        return (
            "with orders as (\n"
            f"    {{{{ latest_landed('{model.source}__{mapping.order_table.name}', key=['{key}']) }}}}\n),\n\n"
        )
    return "with "


def _projections(model: _Model) -> str:
    lines = []
    for target, sql in model.selected.items():
        lines += [f"        -- {note}" for note in model.notes.get(target, [])]
        lines.append(f"        {sql}," if sql == target else f"        {sql} as {target},")
    lineage = "'lines', 'orders'" if model.mapping.order_table else ""
    return "\n".join([*lines, f"        {{{{ landing_columns({lineage}) }}}}"])


def _from(model: _Model) -> str:
    mapping = model.mapping
    if mapping.shape == "first":
        return "ranked\n    where key_rank = 1"
    landing = f"{{{{ source('landing', '{model.source}__{mapping.table.name}') }}}}"
    if mapping.order_table:
        order, key = mapping.columns["order_id"], mapping.order_columns["order_id"]
        return f"{landing} as lines\n    left join orders on lines.{order} = orders.{key}"
    if mapping.entity == "survey_response":
        return f"{landing}\n    where {mapping.columns['score']} is not null"
    return landing


def _wrapped(names: list[str]) -> str:
    lines, current = [], ""
    for name in names:
        piece = f"'{name}', "
        if len(current) + len(piece) > _LINE_LIMIT:
            lines.append(current.rstrip())
            current = ""
        current += piece
    return "\n".join(f"    {line}" for line in [*lines, current.rstrip(", ")])
