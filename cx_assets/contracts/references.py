"""What rows of one entity say beside others and beside each other: gaps, conflicts, foreign currencies.

A row alone is judged in `rules`; here the engine counts, and `expectations` says what is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cx_assets.contracts.entity import EntityContract
from cx_assets.contracts.expectations import Expectation, counted, row_key_sql


def references(contract: EntityContract, contracts: Mapping[str, EntityContract]) -> dict[str, str]:
    """Columns that hold the key of another entity, with that entity's name: a line's order_id is of sales_order."""
    keys = {other.key[0]: name for name, other in contracts.items() if len(other.key) == 1 and name != contract.entity}
    return {name: keys[name] for name in contract.columns if name in keys}


def beside_sql(
    contract: EntityContract,
    contracts: Mapping[str, EntityContract],
    relation_of: Callable[[str], str],
    repeated: str,
    currency_codes: Sequence[str] = (),
) -> str:
    """The query that reduces an entity's contract model to one row of what its accepted rows lack beside others.

    One anti-join for each reference, one pass over the rest; only keys that repeat are compared with themselves.

    Args:
        contract: The entity.
        contracts: All entities.
        relation_of: Contract model of an entity.
        repeated: Relation of the entity's keys with more than one accepted version: `row_key`, `accepted_count`.
        currency_codes: Currencies that the company declares; none allows all.

    Returns:
        SQL with one row: for every reference `unknown_<column>_count` (rows that name what no load brought) and
        `unknown_<column>_share` (of the rows that name one; 0 where the company has no such entity at all);
        `conflicting_key_count` (keys that one load brings twice with equal version columns and other content) and
        `conflicting_key_share` (of the keys); `foreign_currency_count` (rows in a currency that is not declared).
    """
    relation = relation_of(contract.entity)
    counts = ["count(*) as accepted_count"]
    gaps, shares = [], []
    for column, entity in references(contract, contracts).items():
        counts.append(f"count({column}) as named_{column}_count")
        gaps.append(f"{_gap(relation, relation_of(entity), column)} as unknown_{column}_count")
        share = f"cast(unknown_{column}_count as double) / nullif(named_{column}_count, 0)"
        shares += [f"unknown_{column}_count", f"coalesce({share}, 0) as unknown_{column}_share"]
    foreign = "0"
    if currency_codes and "currency_code" in contract.columns:
        codes = ", ".join(f"'{code}'" for code in currency_codes)
        foreign = f"count(*) filter (where currency_code not in ({codes}))"
    counts.append(f"{foreign} as foreign_currency_count")
    gaps.append(f"(select count(*) from ({_conflicts(contract, relation, repeated)}) as c) as conflicting_key_count")
    gaps.append(f"(select coalesce(sum(accepted_count - 1), 0) from {repeated} as k) as superseded_count")
    shares += [
        "conflicting_key_count",
        "cast(conflicting_key_count as double) / greatest(accepted_count - superseded_count, 1)"
        " as conflicting_key_share",
        "foreign_currency_count",
    ]
    return (
        "select\n  " + ",\n  ".join(shares) + "\nfrom (\n  select " + ",\n    ".join([*counts, *gaps]) + "\n"
        f"  from {relation} where violated_rules is null\n) as counted"
    )


def _gap(relation: str, other: str, column: str) -> str:
    """Accepted rows that name none of the accepted rows of another entity, if there is any row of it."""
    known = f"select 1 from {other} as known where known.violated_rules is null and known.{column} = named.{column}"
    return (
        f"(select count(*) from {relation} as named where named.violated_rules is null and named.{column} is not null"
        f" and exists (select 1 from {other}) and not exists ({known}))"
    )


def _conflicts(contract: EntityContract, relation: str, repeated: str) -> str:
    version = [*contract.key, "_load_sequence", *contract.version_order]
    content = ", ".join(name for name in contract.columns if name not in version)
    return (
        f"select 1 from {relation} where violated_rules is null"
        f" and {row_key_sql(contract)} in (select row_key from {repeated} as keys)"
        f" group by {', '.join(version)} having count(distinct hash({content})) > 1"
    )


def beside_expectations(
    contract: EntityContract,
    contracts: Mapping[str, EntityContract],
    *,
    max_unknown_share: float,
    max_conflicting_share: float,
) -> list[Expectation]:
    """What must hold for the row that `beside_sql` returns; the counts stand beside the shares for people."""
    found = []
    for column, entity in references(contract, contracts).items():
        reason = f"More rows than company.yml allows name a {column} that no load of {entity} brought."
        found.append(counted(f"unknown_{column}_share", 0, max_unknown_share, reason))
    reason = "More keys than company.yml allows come twice in one load with other content."
    found.append(counted("conflicting_key_share", 0, max_conflicting_share, reason))
    reason = "Rows are in a currency that company.yml does not declare (currency_codes)."
    found.append(counted("foreign_currency_count", 0, 0, reason))
    return found
