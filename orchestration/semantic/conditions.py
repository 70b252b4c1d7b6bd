"""Names that people give for what a metric is told by, and conditions that they write, as MetricFlow takes them."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from orchestration.ground.nearest import near
from orchestration.ground.sql_conditions import ConditionError, row_condition
from orchestration.semantic.definitions import MetricError

DAY = "day"


def resolve(name: str, groups: Mapping[str, bool]) -> str:
    """Full name of what a metric is told by, from a short one: `survey_type` for `answer__survey_type`.

    The whole name goes first, then the fact's own column, then one that is reached by way of an entity.

    Args:
        name: As a person writes it, in letters of any case.
        groups: What the metrics can be told by, as `Renderer.groups` says.

    Raises:
        MetricError: There is none, or more than one; the message names them.
    """
    wanted = name.strip().lower()
    if wanted in groups:
        return wanted
    found = [full for full in groups if full.split("__")[-1] == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        raise MetricError(f"{name!r} is more than one thing: say {' or '.join(sorted(found))}.")
    short = {full.split("__")[-1] for full in groups} | set(groups)
    raise MetricError(f"These metrics cannot be told by {name!r}.{near(wanted, short)}")


def condition(text: str, groups: Mapping[str, bool]) -> str:
    """A condition in SQL, its names made MetricFlow's references.

    It is taken apart and written anew: whatever is no expression over single rows does not come through.

    Args:
        text: `touchpoint = 'store' and day >= '2026-01-01'`; names as `resolve` takes them, `day` is the metric's day.
        groups: What the metrics can be told by.

    Raises:
        MetricError: It is no such condition, or names what is not there.
    """
    if "{" in text or "}" in text:
        raise MetricError("A condition holds no braces: write names as they are, such as touchpoint = 'store'.")
    try:
        tree = row_condition(text)
    except ConditionError as error:
        raise MetricError(str(error)) from error

    def referred(node: exp.Expression) -> exp.Expression:
        if not isinstance(node, exp.Column):
            return node
        name = "__".join(part.name for part in node.parts)
        if name.lower() == DAY:
            return exp.Var(this="{{ TimeDimension('metric_time', 'day') }}")
        full = resolve(name, groups)
        kind = "Entity" if groups[full] else "Dimension"
        return exp.Var(this=f"{{{{ {kind}('{full}') }}}}")

    return tree.transform(referred).sql(dialect="duckdb")
