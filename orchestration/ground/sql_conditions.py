"""Conditions that people write over the rows of one table: taken apart, checked, and written anew.

What the names in them mean is said elsewhere: metrics in `semantic.conditions`, exports in `exporting.selecting`.
"""

from __future__ import annotations

from collections.abc import Callable

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

_CONNECTIVES = "And Or Not Xor Paren Case If Is In Between Null Boolean Literal Column Identifier Var"
_COMPARISONS = "EQ NEQ GT GTE LT LTE NullSafeEQ NullSafeNEQ Like ILike Escape SimilarTo RegexpLike"
_ARITHMETIC = "Add Sub Mul Div IntDiv Mod Neg Abs Round Floor Ceil Greatest Least Coalesce Nullif Cast TryCast DataType"
_TEXTS = "Lower Upper Trim Length Concat DPipe Substring StartsWith EndsWith Contains Array ArrayContains"
_DAYS = "Interval Extract Year Quarter Month Week Day DateAdd DateSub DateDiff DateTrunc TimestampTrunc"
PLAIN_NODES = frozenset(" ".join((_CONNECTIVES, _COMPARISONS, _ARITHMETIC, _TEXTS, _DAYS)).split())
"""What a plain condition may be made of. Files, settings, the clock and chance are not among them."""


class ConditionError(ValueError):
    """The text is no condition over single rows; the message says why."""


def row_condition(text: str) -> exp.Expression:
    """A condition's tree: an expression over single rows, and nothing before or behind it.

    Raises:
        ConditionError: It cannot be read, or is more than that.
    """
    try:
        trees = [tree for tree in sqlglot.parse(f"select 1 where {text}", read="duckdb") if tree is not None]
    except SqlglotError as error:
        raise ConditionError(f"The condition cannot be read: {str(error).splitlines()[0]}") from error
    where = trees[0].args.get("where") if len(trees) == 1 and isinstance(trees[0], exp.Select) else None
    if where is None or {key for key, value in trees[0].args.items() if value} - {"expressions", "where", "kind"}:
        raise ConditionError("Give one condition, without `group by`, `order by` or anything else after it.")
    if where.find(exp.Query, exp.Subquery, exp.Window, exp.AggFunc) is not None:
        raise ConditionError("A condition is about single rows: no subquery, window or sum in it.")
    found: exp.Expression = where.this
    return found


def plain_condition(text: str) -> exp.Expression:
    """A condition over the columns of one table that reads nothing else: no file, no setting, no clock, no chance.

    Raises:
        ConditionError: It is no condition, or uses what is not known to be harmless; the message names that.
    """
    tree = row_condition(text)
    for node in tree.walk():
        if type(node).__name__ not in PLAIN_NODES:
            told = node.name if isinstance(node, exp.Anonymous) else node.sql(dialect="duckdb", comments=False)
            raise ConditionError(
                f"A condition may not use {told[:60]}: comparisons, and, or, not, in, between, like, case, arithmetic"
                " and simple functions of texts, numbers and dates are what it may be made of."
            )
        if isinstance(node, exp.Column) and len(node.parts) > 1:
            raise ConditionError(f"Write the column without a table: {node.name}, not {node.sql(dialect='duckdb')}.")
    return tree


def rewritten(tree: exp.Expression, column: Callable[[str], exp.Expression]) -> str:
    """A checked condition as SQL again, each column replaced; comments are left out."""

    def replaced(node: exp.Expression) -> exp.Expression:
        return column(node.name) if isinstance(node, exp.Column) else node

    return tree.copy().transform(replaced).sql(dialect="duckdb", comments=False)
