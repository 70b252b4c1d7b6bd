"""What must hold at the borders, derived from contracts: aggregates that the engine computes, bounds on them.

Twenty million rows do not fit in a validator; the engine therefore reduces each table to one row of aggregates, and
Great Expectations judges that row (see `validation`). Row rules themselves are in `rules`, marts in `marts`.
"""

from __future__ import annotations

from dataclasses import dataclass

from cx_assets.contracts.entity import EntityContract
from cx_assets.contracts.rules import row_rules

_REFUSED = "More rows of the source were refused than company.yml allows."


@dataclass(frozen=True)
class Expectation:
    """A bounded aggregate, one column of a one-row frame.

    Attributes:
        column: Aggregate that is judged.
        min_value: Lowest value allowed, or null.
        max_value: Highest value allowed, or null.
        reason: What it means for people when it fails.
        allows_null: Whether null passes. Great Expectations lets null pass every bound; by default it fails here.
    """

    column: str
    min_value: float | None = None
    max_value: float | None = None
    reason: str = ""
    allows_null: bool = False


def between(column: str, low: float | None, high: float | None, reason: str) -> Expectation:
    """The aggregate lies within bounds, both inclusive; null passes: a minimum over no rows is no fault."""
    return Expectation(column, low, high, reason, allows_null=True)


def counted(column: str, low: float | None, high: float | None, reason: str) -> Expectation:
    """The aggregate was computed at all, and lies within bounds, both inclusive."""
    return Expectation(column, low, high, reason)


def landing_expectations(max_quarantined_share: float) -> list[Expectation]:
    """For one source table: `landed_count`, `parquet_count`, `difference_count`, `quarantined_share`."""
    return [
        counted("landed_count", 0, None, "The manifests state how many rows landed."),
        counted("difference_count", 0, 0, "The Parquet files hold other rows than their manifests state."),
        counted(
            "quarantined_share",
            0,
            max_quarantined_share,
            _REFUSED,
        ),
    ]


def entity_expectations(contract: EntityContract, max_quarantined_share: float) -> list[Expectation]:
    """For one canonical entity: no accepted row breaks a rule, and not too many rows were refused."""
    found = [
        counted("row_count", 0, None, "The entity was read."),
        counted("quarantined_share", 0, max_quarantined_share, "More rows break the contract than company.yml allows."),
        counted("duplicate_key_count", 0, 0, "One source row gave a key twice: a staging join repeats it."),
    ]
    for rule in row_rules(contract):
        found.append(counted(f"broken_{rule.name}", 0, 0, f"Accepted rows: {rule.reason}"))
    return found


def aggregate_sql(contract: EntityContract, relation: str, repeated: str) -> str:
    """The query that reduces an entity's contract model to one row, in one pass but for keys that repeat.

    Args:
        contract: The entity.
        relation: Model with the canonical columns, `_mistyped_columns` and `violated_rules` (null when the row is
            accepted).
        repeated: Relation of the keys with more than one accepted version: `row_key`, columns joined by a bar.

    Returns:
        SQL whose result has one row whatever the relation holds: row_count, accepted_count, quarantined_share (of
        the source with the largest; 0 for no rows), duplicate_key_count (keys that one source row gave more than
        once; later versions of a key come from other rows) and broken_<rule> for every row rule, counted anew over
        accepted rows, not read from violated_rules.
    """
    key = ", ".join([*contract.key, "_load_sequence", "_source_file", "_source_row"])
    broken = ",\n  ".join(
        f"count(*) filter (where violated_rules is null and ({rule.sql})) as broken_{rule.name}"
        for rule in row_rules(contract)
    )
    return (
        "select\n  count(*) as row_count,\n"
        "  count(*) filter (where violated_rules is null) as accepted_count,\n"
        "  (select coalesce(max(share), 0) from (\n"
        "    select count(*) filter (where violated_rules is not null) / count(*) as share\n"
        f"    from {relation} group by source_system) as by_source) as quarantined_share,\n"
        f"  (select count(*) from (select 1 as found from {relation} where violated_rules is null\n"
        f"    and {row_key_sql(contract)} in (select row_key from {repeated} as keys)\n"
        f"    group by {key} having count(*) > 1) as repeated) as duplicate_key_count,\n"
        f"  {broken}\nfrom {relation}"
    )


def row_key_sql(contract: EntityContract) -> str:
    """The key as one text, as dbt's macro row_key writes it."""
    return " || '|' || ".join(f"coalesce({name}, '')" for name in contract.key)


def refusals_sql(contract: EntityContract, relation: str) -> str:
    """The query that counts, for every row rule of an entity, the rows that break it: rule, reason, row_count.

    Args:
        contract: The entity.
        relation: Model with the canonical columns and `_mistyped_columns`.

    Returns:
        SQL with one row per broken rule, the most broken first. A row that breaks several counts under each.
    """
    counts = []
    for rule in row_rules(contract):
        reason = rule.reason.replace("'", "''")
        count = f"count(*) filter (where {rule.sql}) as row_count"
        counts.append(f"select '{rule.name}' as rule, '{reason}' as reason, {count} from {relation}")
    union = "\nunion all\n".join(counts)
    return f"select * from (\n{union}\n) as counted where row_count > 0 order by row_count desc, rule"
