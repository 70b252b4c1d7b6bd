"""Column lineage of one SQL query: which columns of which tables each of its columns is made of."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage
from sqlglot.schema import MappingSchema

DIALECT = "duckdb"
Columns = Mapping[str, Mapping[str, str]]


def column_lineage(sql: str, parents: Mapping[str, Columns]) -> dict[str, list[tuple[str, str]]]:
    """Source columns of every output column.

    All columns are followed in one pass; asking one by one parses and qualifies the query anew for each.

    Args:
        sql: A query.
        parents: Column types (`{"data_type": ...}`) by column, by quoted full name of the tables that it reads.

    Returns:
        By output column, sorted (table, column) pairs; table as in `parents`. A column made of constants, or that
        cannot be followed, has none. A query that sqlglot does not understand gives an empty result.
    """
    schema = MappingSchema(dialect=DIALECT)
    names = {}
    try:
        for relation, columns in parents.items():
            table = exp.to_table(relation, dialect=DIALECT)
            names[_name(table)] = relation
            schema.add_table(table, {name: props["data_type"] for name, props in columns.items()}, dialect=DIALECT)
        nodes = lineage(None, sql, schema, dialect=DIALECT, trim_selects=False)
    except SqlglotError:
        return {}
    return {column.lower(): _leaves(node, names) for column, node in nodes.items()}


def _name(table: exp.Table) -> tuple[str, str, str]:
    return (table.catalog.lower(), table.db.lower(), table.name.lower())


def _leaves(node: object, names: Mapping[tuple[str, str, str], str]) -> list[tuple[str, str]]:
    found = set()
    for leaf in node.walk():  # type: ignore[attr-defined]
        table = None if leaf.downstream else leaf.expression.find(exp.Table)
        if table is not None and _name(table) in names:
            found.add((names[_name(table)], exp.to_column(leaf.name).name.lower()))
    return sorted(found)
