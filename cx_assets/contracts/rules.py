"""Row rules derived from a contract, as SQL that DuckDB and Spark read alike.

Rules over many rows (unique keys, quarantined share) are in `expectations`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from cx_assets.contracts.currencies import CURRENCY_CODES
from cx_assets.contracts.entity import MISTYPED_COLUMN, OBSERVATION, ColumnContract, EntityContract, EntityRule

_LARGEST_DOUBLE = "1.7976931348623157e308"


@dataclass(frozen=True)
class RowRule:
    """A rule over one row.

    Attributes:
        name: `<column>_type`, `_required`, `_allowed`, `_iso_4217`, `_min`, `_max`, `_length`, `_max_length`,
            `_finite`, or the entity rule's own name.
        sql: TRUE for a row that VIOLATES the rule, FALSE for any other; never null.
        reason: Sentence for people.
    """

    name: str
    sql: str
    reason: str


def row_rules(contract: EntityContract) -> list[RowRule]:
    """Every rule of a contract, columns first in their order, then the entity's own rules.

    A value that is none of its type arrives as null, its column named in `_mistyped_columns`: it breaks
    `<column>_type` and not `<column>_required` too. Text takes any value and has no such rule.

    Three-valued logic is closed here. Any other null breaks only `<column>_required`. An entity rule is judged when
    all required columns that it reads are filled (a missing one is already reported under its own name);
    then anything but TRUE is a violation.
    """
    rules = [rule for column in contract.columns.values() for rule in _column_rules(column)]
    rules += [_entity_rule(contract, rule) for rule in contract.rules]
    return rules


def _column_rules(column: ColumnContract) -> list[RowRule]:
    name = column.name
    rules: list[RowRule] = []

    def add(kind: str, violated: str, reason: str) -> None:
        rules.append(RowRule(f"{name}_{kind}", f"{name} is not null and {violated}", reason))

    is_text = column.type == "text"
    named = f"contains(',' || {MISTYPED_COLUMN} || ',', ',{name},')"
    if not is_text:
        # The null test comes first: it decides nearly every row, and nothing is joined for it.
        mistyped = f"{MISTYPED_COLUMN} is not null and {named}"
        rules.append(RowRule(f"{name}_type", mistyped, f"{name} is no valid {column.type}."))
    if column.required:
        # `is null or` cannot end in null, so no coalesce is needed.
        missing = (
            f"({name} is null or trim({name}) = '')"
            if is_text
            else f"{name} is null and ({MISTYPED_COLUMN} is null or not {named})"
        )
        rules.append(RowRule(f"{name}_required", missing, f"{name} is missing."))
    if column.type == "double":
        # NaN and infinities sort above or below every number, so a range finds them in both engines.
        inside = f"{name} >= -{_LARGEST_DOUBLE} and {name} <= {_LARGEST_DOUBLE}"
        add("finite", f"not ({inside})", f"{name} is not a finite number.")
    for kind, violated, reason in _list_rules(column):
        add(kind, violated, reason)
    if column.if_outside == "refuse":
        for kind, violated, reason in _limit_rules(column):
            add(kind, violated, reason)
    if column.length is not None:
        add("length", f"length({name}) <> {column.length}", f"{name} has not {column.length} characters.")
    if column.max_length is not None:
        limit = column.max_length
        add("max_length", f"length({name}) > {limit}", f"{name} has more than {limit} characters.")
    return rules


def blank_rules(contract: EntityContract) -> dict[str, RowRule]:
    """By column that is blanked beyond its limits: the rule that says so, TRUE where its value is taken away."""
    found = {}
    for column in contract.columns.values():
        if column.if_outside == "blank":
            beyond = " or ".join(violated for _, violated, _ in _limit_rules(column))
            upper = "the observation date" if column.max == OBSERVATION else column.max
            limits = [f"before {column.min}" if column.min is not None else "", f"after {upper}" if upper else ""]
            reason = f"{column.name} lies {' or '.join(filter(None, limits))}: the row counts without it."
            sql = f"{column.name} is not null and ({beyond})"
            found[column.name] = RowRule(f"{column.name}_blanked", sql, reason)
    return found


def _limit_rules(column: ColumnContract) -> Iterator[tuple[str, str, str]]:
    name = column.name
    if column.min is not None:
        yield "min", f"{name} < {_limit_sql(column, column.min)}", f"{name} is below {column.min}."
    if column.max is not None:
        yield "max", f"{name} > {_limit_sql(column, column.max)}", f"{name} is above {column.max}."


def _list_rules(column: ColumnContract) -> Iterator[tuple[str, str, str]]:
    name = column.name
    if column.allowed:
        values = ", ".join(_text_literal(value) for value in column.allowed)
        yield "allowed", f"{name} not in ({values})", f"{name} is none of: {', '.join(column.allowed)}."
    if column.code == "iso_4217":
        codes = ", ".join(_text_literal(code) for code in CURRENCY_CODES)
        yield "iso_4217", f"{name} not in ({codes})", f"{name} is no currency code of ISO 4217."


def _entity_rule(contract: EntityContract, rule: EntityRule) -> RowRule:
    required = sorted(name for name in rule.column_names if contract.columns[name].required)
    judged = "".join(f"{name} is not null and " for name in required)
    return RowRule(rule.name, f"{judged}not coalesce(({rule.sql}), false)", rule.reason)


def _limit_sql(column: ColumnContract, limit: int | float | str) -> str:
    if limit == OBSERVATION:
        return "observation_date"
    if isinstance(limit, str):
        return f"cast({_text_literal(limit)} as {column.type})"
    return str(limit)


def _text_literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
