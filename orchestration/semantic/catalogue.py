"""What each metric means, in words: read from the definitions, without MetricFlow. Counting is in `layer`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from orchestration.ground.nearest import near
from orchestration.semantic.definitions import Definitions, MetricError

CURRENCY = "currency"
"""Unit of an amount of money, and the entity by which it is told: amounts of two currencies are never added up."""
AMOUNT_SHARE = "share of amount"
"""Unit of an amount over another amount."""
REFERENCE = re.compile(r"(\w+)\('([^']+)'(?:, *'([^']+)')?\)")

PUBLISHED = re.compile(r"\bcx\.((?:core|marts)\.\w+)")
"""A published table as the views name it."""


@dataclass(frozen=True)
class Interval:
    """How a rate's interval at 95% is told from counts.

    Attributes:
        method: `wilson` for a share, `adjusted_wald` for an NPS.
        hits: Metric of the answers that count for it.
        of: Metric of all answers.
        misses: Metric of the answers that count against it (adjusted Wald only).
    """

    method: str
    hits: str
    of: str
    misses: str | None = None

    @property
    def counts(self) -> tuple[str, ...]:
        """Metrics that it needs."""
        return tuple(name for name in (self.hits, self.misses, self.of) if name)


@dataclass(frozen=True)
class MetricDefinition:
    """One metric, as people read it.

    Attributes:
        name: As it is asked for.
        label: Its name in prose.
        description: What it counts and what not.
        unit: Of the value; `currency` is the currency of the row.
        owner: Who answers for the definition.
        decimals: With how many it is shown.
        formula: From which metrics or measure it is computed.
        minimum_of: Metric that must reach the company's minimum of answers; None for a plain count or sum.
        interval: How its interval is told; None where it has none.
    """

    name: str
    label: str
    description: str
    unit: str
    owner: str
    decimals: int
    formula: str
    minimum_of: str | None
    interval: Interval | None

    @property
    def is_money(self) -> bool:
        """Whether amounts are added up in it, and so each currency is told apart."""
        return self.unit in (CURRENCY, AMOUNT_SHARE)


@dataclass(frozen=True)
class SavedQuery:
    """A question that is asked again and again: metrics, by what, and by which grain of time (None for none)."""

    name: str
    label: str
    description: str
    metrics: tuple[str, ...]
    by: tuple[str, ...]
    grain: str | None


def _formula(params: Mapping[str, Any], filters: Iterable[str]) -> str:
    if params.get("expr") and params.get("metrics"):
        return str(params["expr"])
    if params.get("numerator"):
        return f"{params['numerator']['name']} / {params['denominator']['name']}"
    conditions = [REFERENCE.sub(lambda found: found[2].split("__")[-1], text) for text in filters]
    plain = [re.sub(r"[{}]", "", text).strip() for text in conditions]
    return str(params["measure"]["name"]) + "".join(f" where {' '.join(text.split())}" for text in plain)


def metric_definitions(document: Mapping[str, Any]) -> dict[str, MetricDefinition]:
    """Every metric of a semantic manifest, by name."""
    found = {}
    for metric in document["metrics"]:
        meta = (metric.get("config") or {}).get("meta") or {}
        filters = [item["where_sql_template"] for item in (metric.get("filter") or {}).get("where_filters", [])]
        found[metric["name"]] = MetricDefinition(
            name=metric["name"],
            label=metric.get("label") or metric["name"],
            description=" ".join((metric.get("description") or "").split()),
            unit=str(meta.get("unit", "")),
            owner=str(meta.get("owner", "")),
            decimals=int(meta.get("decimals", 0)),
            formula=_formula(metric["type_params"], filters),
            minimum_of=meta.get("minimum_of"),
            interval=Interval(**meta["interval"]) if meta.get("interval") else None,
        )
    return found


def counted_from(definitions: Definitions, name: str) -> list[str]:
    """Published tables, as schema.table, that a metric is counted from: those that its views read, sorted.

    Args:
        definitions: Of the generation.
        name: The metric's name; one that is not there is counted from none.
    """
    document = definitions.document()
    metric = next((item for item in document["metrics"] if item["name"] == name), None)
    params = metric["type_params"] if metric else {}
    asked = {measure["name"] for measure in params.get("input_measures") or [params.get("measure")] if measure}
    views = {
        model["node_relation"]["alias"]
        for model in document["semantic_models"]
        if asked & {measure["name"] for measure in model.get("measures") or []}
    }
    return sorted({table for view in views for table in PUBLISHED.findall(definitions.views.get(view, ""))})


def saved_queries(document: Mapping[str, Any]) -> dict[str, SavedQuery]:
    """Every saved query of a semantic manifest, by name."""
    found = {}
    for saved in document["saved_queries"]:
        params = saved["query_params"]
        named = [REFERENCE.search(text) for text in params["group_by"]]
        references = [match for match in named if match]
        found[saved["name"]] = SavedQuery(
            name=saved["name"],
            label=saved.get("label") or saved["name"],
            description=saved.get("description") or "",
            metrics=tuple(params["metrics"]),
            by=tuple(match[2] for match in references if match[1] != "TimeDimension"),
            grain=next((match[3] for match in references if match[1] == "TimeDimension"), None),
        )
    return found


def find_metric(name: str, known: Mapping[str, MetricDefinition]) -> MetricDefinition:
    """A metric by its name or label, in letters of any case.

    Raises:
        MetricError: There is none; the message names what comes near.
    """
    wanted = name.strip().lower()
    by_label = {metric.label.lower(): metric for metric in known.values()}
    found = known.get(wanted.replace(" ", "_").replace("-", "_")) or by_label.get(wanted)
    if found is None:
        raise MetricError(f"No metric {name!r}.{near(wanted, known)} `cx metric list` tells them all.")
    return found
