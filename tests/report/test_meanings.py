"""From a figure to its definition: the links of the pages, and what the page of definitions says to their addresses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from report import meanings
from report.meanings import Figure, address
from report.pages.overview import MEASURES, METRICS
from tests.report.conftest import Open, words
from tests.report.publishing import ROWS, write_publication

ACTIVITY = "marts.mart_finance__activity_by_month"
SCORES = "marts.mart_experience__score_by_touchpoint_month"


def _metric(name: str, label: str, **params: object) -> dict[str, object]:
    return {
        "name": name,
        "label": label,
        "description": f"What {label} says.",
        "type_params": params,
        "config": {"meta": {"unit": "points", "owner": "customer experience", "minimum_of": "nps_answers"}},
    }


MANIFEST = {
    "metrics": [
        _metric("orders", "Orders", measure={"name": "order_count"}, input_measures=[{"name": "order_count"}]),
        _metric(
            "nps",
            "NPS",
            expr="promoters - detractors",
            metrics=[{"name": "promoters"}],
            input_measures=[{"name": "favourable_count"}],
        ),
    ],
    "semantic_models": [
        {"node_relation": {"alias": "sem_order"}, "measures": [{"name": "order_count"}]},
        {"node_relation": {"alias": "sem_answer"}, "measures": [{"name": "favourable_count"}]},
    ],
    "saved_queries": [],
}
VIEWS = {
    "minimum_answers": 6,
    "currency_code": "EUR",
    "views": {
        "sem_order": "SELECT * FROM cx.core.fct_order",
        "sem_answer": f"SELECT * FROM cx.{SCORES} JOIN cx.core.dim_observation ON true",
    },
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """State root with `bakery`, published with two metrics."""
    documents = {"semantic_manifest.json": json.dumps(MANIFEST), "semantic_views.json": json.dumps(VIEWS)}
    write_publication(tmp_path, "bakery", ROWS, documents=documents)
    return tmp_path


def test_an_address_names_company_metric_and_table() -> None:
    assert address("bakery", Figure("NPS", SCORES, "nps")) == (
        "definitions?company=bakery&metric=nps&table=marts.mart_experience__score_by_touchpoint_month"
    )
    assert address("bakery", Figure("Bins", ACTIVITY)) == f"definitions?company=bakery&table={ACTIVITY}"


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ("overview", f"[Revenue](definitions?company=bakery&metric=net_revenue&table={ACTIVITY})"),
        ("overview", f"[NPS](definitions?company=bakery&metric=nps&table={SCORES})"),
        ("scores", f"[NPS](definitions?company=bakery&metric=nps&table={SCORES})"),
        ("customers", "[Segments](definitions?company=bakery&table=marts.mart_segment__rfm)"),
        ("churn", "[Reliability](definitions?company=bakery&table=marts.mart_prediction__churn_reliability)"),
    ],
)
def test_a_page_leads_to_the_definitions_of_its_figures(page: str, link: str, open_page: Open) -> None:
    assert link in words(open_page(page, company="bakery"))


def test_a_table_that_is_not_published_is_not_linked(open_page: Open, tmp_path: Path) -> None:
    write_publication(tmp_path, "bakery", ROWS, without=("mart_segment__rfm",))
    said = words(open_page("customers", root=tmp_path, company="bakery"))
    assert "[Households]" in said
    assert "[Segments]" not in said


def test_the_address_of_a_metric_shows_its_definition_and_its_table(open_page: Open, root: Path) -> None:
    app = open_page("definitions", root=root, company="bakery", metric="nps")
    assert not app.exception
    said = words(app)
    assert "**NPS**: What NPS says." in said
    assert "- Formula: `promoters - detractors`\n- Unit: points\n- Owner: customer experience" in said
    assert "- Told only from the company's minimum of `nps_answers` on" in said
    assert f"- Counted from: `core.dim_observation`, `{SCORES}`" in said
    chosen = {item.label: item.value for item in app.selectbox}
    assert (chosen["Metric"], chosen["Table"]) == ("nps", SCORES)
    columns = next(item.value for item in app.dataframe if list(item.value.columns)[:2] == ["column", "type"])
    assert "score_value" in set(columns["column"])


def test_the_table_of_the_address_goes_before_that_of_the_metric(open_page: Open, root: Path) -> None:
    app = open_page("definitions", root=root, company="bakery", metric="nps", table=ACTIVITY)
    assert {item.label: item.value for item in app.selectbox}["Table"] == ACTIVITY


def test_an_unknown_metric_is_told_of(open_page: Open, root: Path) -> None:
    app = open_page("definitions", root=root, company="bakery", metric="happiness")
    assert "the metric “happiness”, which this publication does not define" in app.warning[0].value
    assert {item.label: item.value for item in app.selectbox}["Metric"] == "orders"


def test_a_publication_without_metrics_shows_its_tables(open_page: Open) -> None:
    app = open_page("definitions", company="bakery")
    assert "What a metric means" not in [item.value for item in app.header]


@pytest.mark.slow
def test_every_metric_that_a_page_links_to_is_defined(sample_publication: Path) -> None:
    from report.data import open_publication

    publication = open_publication(sample_publication.parent, "sample")
    defined = set(meanings.metrics(publication))
    assert {METRICS[column] for column, _ in MEASURES} | {"nps", "csat", "ces", "response_rate", "customers"} <= defined
    assert meanings.metric_tables(publication, "orders") == ["marts.mart_finance__order"]
