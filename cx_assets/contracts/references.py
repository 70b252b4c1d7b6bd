"""What rows of one entity say beside others and beside each other: gaps, conflicts, foreign currencies.

A row alone is judged in `rules`; here the engine counts, and `expectations` says what is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cx_assets.contracts.entity import EntityContract
from cx_assets.contracts.expectations import Expectation, counted


def references(contract: EntityContract, contracts: Mapping[str, EntityContract]) -> dict[str, str]:
    """Columns that hold the key of another entity, with that entity's name: a line's order_id is of sales_order."""
    keys = {other.key[0]: name for name, other in contracts.items() if len(other.key) == 1 and name != contract.entity}
    return {name: keys[name] for name in contract.columns if name in keys}


def beside_sql(
    contract: EntityContract,
    contracts: Mapping[str, EntityContract],
    relation_of: Callable[[str], str],
    currency_codes: Sequence[str] = (),
) -> str:
    """The query that reduces an entity's contract model to one row of what its accepted rows lack beside others.

    Args:
        contract: The entity.
        contracts: All entities.
        relation_of: Contract model of an entity.
        currency_codes: Currencies that the company declares; none allows all.

    Returns:
        SQL with one row: for every reference `unknown_<column>_count` (rows that name what no load brought) and
        `unknown_<column>_share` (of the rows that name one; 0 where the company has no such entity at all);
        `conflicting_key_count` (keys that one load brings twice with equal version columns and other content) and
        `conflicting_key_share` (of the keys); `foreign_currency_count` (rows in a currency that is not declared).
    """
    relation = relation_of(contract.entity)
    selected = []
    for column, entity in references(contract, contracts).items():
        gap = _gap(relation, relation_of(entity), column)
        selected += [
            f"(select count(*) {gap}) as unknown_{column}_count",
            f"(select coalesce(cast(count(*) as double) / nullif((select count({column}) from accepted), 0), 0) {gap})"
            f" as unknown_{column}_share",
        ]
    key = ", ".join(contract.key)
    conflict = f"(select count(*) from ({_conflicts(contract)}) as conflicting)"
    selected += [
        f"{conflict} as conflicting_key_count",
        f"cast({conflict} as double) / greatest((select count(*) from (select distinct {key} from accepted) as k), 1)"
        " as conflicting_key_share",
    ]
    foreign = "0"
    if currency_codes and "currency_code" in contract.columns:
        codes = ", ".join(f"'{code}'" for code in currency_codes)
        foreign = f"(select count(*) from accepted where currency_code not in ({codes}))"
    selected.append(f"{foreign} as foreign_currency_count")
    return f"with accepted as (select * from {relation} where violated_rules is null)\nselect\n  " + ",\n  ".join(
        selected
    )


def _gap(relation: str, other: str, column: str) -> str:
    return (
        f"from accepted where {column} is not null and exists (select 1 from {other})"
        f" and {column} not in (select {column} from {other} where violated_rules is null and {column} is not null)"
    )


def _conflicts(contract: EntityContract) -> str:
    # Keys that one load has once, nearly all, are left before any content is looked at.
    version = [*contract.key, "_load_sequence", *contract.version_order]
    same = ", ".join(version)
    content = ", ".join(name for name in contract.columns if name not in version)
    joined = " and ".join(f"accepted.{name} is not distinct from twice.{name}" for name in version)
    return (
        f"select 1 from accepted join (select {same} from accepted group by {same} having count(*) > 1) as twice"
        f" on {joined} group by {', '.join(f'accepted.{name}' for name in version)}"
        f" having count(distinct hash({content})) > 1"
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
