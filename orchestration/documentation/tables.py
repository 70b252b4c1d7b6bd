"""Every table of the lineage in words: columns, types, descriptions, and what each column is made of.

What dbt has parsed gives words and parents, what a run has recorded gives types and column lineage. Dagster is not
known here; `defs/documentation` asks it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestration.dbt.model_words import description_of
from orchestration.publication.generations import READABLE_SCHEMAS

ColumnRef = tuple[str, str]
"""Table as schema.table, and column."""


@dataclass(frozen=True)
class Recorded:
    """What the last run recorded of a table.

    Attributes:
        types: Type by column, in the table's order.
        made_of: By column, the columns that it is made of; empty where nobody followed them.
    """

    types: Mapping[str, str] = field(default_factory=dict)
    made_of: Mapping[str, Sequence[ColumnRef]] = field(default_factory=dict)


@dataclass(frozen=True)
class Column:
    """One column; `made_of` is empty for a constant, and for a column that Python or a source gives."""

    name: str
    type: str
    description: str
    made_of: tuple[ColumnRef, ...]


@dataclass(frozen=True)
class Table:
    """One table or view.

    Attributes:
        address: schema.table.
        unique_id: Its name in dbt.
        kind: `view`, `table` or `incremental` of a dbt model; `landing`; `python`.
        description: What one row is; empty where nobody says.
        columns: In the table's order.
        reads: Tables that it is made of, as schema.table, sorted.
    """

    address: str
    unique_id: str
    kind: str
    description: str
    columns: tuple[Column, ...]
    reads: tuple[str, ...]

    @property
    def is_published(self) -> bool:
        """Whether readers get it."""
        return self.address.split(".")[0] in READABLE_SCHEMAS


def documented_tables(
    manifest: Mapping[str, Any], recorded: Mapping[str, Recorded], python_reads: Mapping[str, Sequence[str]]
) -> dict[str, Table]:
    """Every model and source of the parsed project, by schema.table.

    Args:
        manifest: dbt's manifest.json.
        recorded: What runs recorded, by schema.table; a table that is absent has the columns that are declared.
        python_reads: Tables that a table of Python is made of, by schema.table.

    Returns:
        Sorted by address. Landing tables read nothing.
    """
    models = {uid: node for uid, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    nodes = {**models, **manifest["sources"]}
    addresses = {uid: f"{node['schema']}.{node.get('alias') or node['identifier']}" for uid, node in nodes.items()}
    found = {}
    for uid, node in nodes.items():
        address = addresses[uid]
        if uid in models:
            kind = node["config"]["materialized"]
            reads = [addresses[parent] for parent in node["depends_on"]["nodes"] if parent in addresses]
        else:
            kind = "landing" if node["schema"] == "landing" else "python"
            reads = list(python_reads.get(address, ()))
        found[address] = Table(
            address=address,
            unique_id=uid,
            kind=kind,
            description=_line(description_of(node)),
            columns=_columns(node["columns"], recorded.get(address, Recorded())),
            reads=tuple(sorted(set(reads))),
        )
    return dict(sorted(found.items()))


def _columns(declared: Mapping[str, Any], recorded: Recorded) -> tuple[Column, ...]:
    known = {name: str(column.get("data_type") or "") for name, column in declared.items()}
    types = recorded.types or known
    return tuple(
        Column(
            name,
            kind,
            _line(declared.get(name, {}).get("description")),
            tuple((table, column) for table, column in recorded.made_of.get(name, ())),
        )
        for name, kind in types.items()
    )


def _line(text: str | None) -> str:
    return " ".join((text or "").split())
