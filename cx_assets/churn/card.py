"""The model card: what the probability means, how far it was right, and where it must not be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from cx_assets.churn.cuts import COLUMNS, LABEL
from cx_assets.churn.outcome import GRADIENT_BOOSTING, RECENCY_BASELINE
from cx_assets.churn.tables import reliability_columns
from cx_assets.prediction.calibration import ChosenCalibration
from cx_assets.prediction.card import feature_lines, metric_lines, table_lines, trained_parts, verdict_text
from cx_assets.prediction.evaluation import Evaluation
from cx_assets.prediction.time_cuts import Cuts, Refusal, windows

_INTENDED_USE = (
    "Rank and size the risk that a customer makes no further purchase within the horizon, for retention "
    "work on groups and single customers by people. Not for prices, credit or any decision about a person "
    "that has legal effect."
)
_LIMITS = [
    "It foretells silence, not its reason: it does not say that contacting a customer would help.",
    "It knows the company's own past only. After a change of range, prices or season without precedent it "
    "is wrong until retrained and tested again.",
    "Customers who were not eligible have no probability.",
    "The interval speaks of the customers on the test cut, not of how much periods differ.",
]
_NAMES = {GRADIENT_BOOSTING: "gradient-boosted trees", RECENCY_BASELINE: "recency baseline"}


def _head(model_id: str, settings: dict[str, int]) -> dict[str, Any]:
    horizon, eligible = settings["horizon_days"], settings["eligible_days"]
    return {
        "model_id": model_id,
        **settings,
        "intended_use": _INTENDED_USE,
        "definition_of_churn": (
            f"No purchase in the {horizon} days after the cut. A purchase is an order, or a receipt with a sale, that "
            "was not canceled or unavailable by the observation date."
        ),
        "eligible_population": (
            f"Customers with a purchase in the {eligible} days up to and including the cut. An order canceled only "
            "after the cut counts as one up to then, in eligibility and in every feature."
        ),
    }


def model_card(
    *,
    model_id: str,
    settings: dict[str, int],
    cuts: Cuts,
    published: str,
    calibrations: Mapping[str, ChosenCalibration],
    evaluation: Evaluation,
    features: dict[str, float],
    constant_features: list[str],
    parameters: dict[str, Any],
) -> dict[str, Any]:
    """The card of a trained model; plain JSON values.

    Args:
        model_id: The model.
        settings: horizon_days and eligible_days.
        cuts: The rows it learnt and was tested on.
        published: The candidate whose probability is published.
        calibrations: Of each candidate, by name.
        evaluation: What the test cut said.
        features: Share of the trees' gain by feature.
        constant_features: Features left out, as they never vary.
        parameters: Of the trees.
    """
    return {
        **_head(model_id, settings),
        **trained_parts(
            published=published,
            calibrations=calibrations,
            evaluation=evaluation,
            features=features,
            constant_features=constant_features,
            parameters=parameters,
        ),
        "windows": _windows(cuts),
        "verdict_text": verdict_text(evaluation, model=_NAMES[GRADIENT_BOOSTING], baseline=_NAMES[RECENCY_BASELINE]),
        "trees_against_baseline": asdict(evaluation.challenge.difference),
        "reliability": reliability_columns(evaluation),
        "limits": _LIMITS,
    }


def _windows(cuts: Cuts) -> dict[str, dict[str, Any]]:
    return {
        name: {("churn_share" if key == "positive_share" else key): value for key, value in part.items()}
        for name, part in windows(cuts, date_column=COLUMNS.date, label=LABEL).items()
    }


def refusal_card(model_id: str, settings: dict[str, int], refusal: Refusal, labelled: pd.DataFrame) -> dict[str, Any]:
    """The card of a refusal: what was looked at, cut by cut."""
    by_cut = labelled.groupby("observation_date")["is_churned"].agg(["size", "sum"])
    return {
        **_head(model_id, settings),
        "status": "not_trained",
        "code": refusal.code,
        "reason": refusal.reason,
        "labelled_cuts": [
            {"cut_date": pd.Timestamp(cut).date().isoformat(), "left_count": int(left), "row_count": int(rows)}
            for cut, rows, left in zip(by_cut.index, by_cut["size"], by_cut["sum"], strict=True)
        ],
    }


def card_markdown(card: dict[str, Any]) -> str:
    """The card as Markdown for people.

    Args:
        card: As TrainedChurn.card or NotTrained.card.

    Returns:
        A text that ends with a line break.
    """
    lines = [
        f"# Churn model {card['model_id']}",
        "",
        f"**Churn:** {card['definition_of_churn']}",
        f"**Population:** {card['eligible_population']}",
        f"**Use:** {card['intended_use']}",
        "",
    ]
    if card["status"] == "not_trained":
        lines += ["## Not trained", "", card["reason"]]
    else:
        lines += [*_verdict_lines(card), *_window_lines(card), *_metric_lines(card)]
        lines += [*_reliability_lines(card), *feature_lines(card), "## Limits", ""]
        lines += [f"- {limit}" for limit in card["limits"]]
    return "\n".join(lines) + "\n"


def _verdict_lines(card: dict[str, Any]) -> list[str]:
    published = f"Published: the {_NAMES[card['published']]} ({card['published_because']})."
    return ["## Verdict", "", card["verdict_text"], published, ""]


def _window_lines(card: dict[str, Any]) -> list[str]:
    rows = [
        [name, ", ".join(part["cut_dates"]), f"{part['row_count']:,}", f"{part['churn_share']:.4f}"]
        for name, part in card["windows"].items()
    ]
    return table_lines("Windows", ["part", "cuts", "rows", "churn share"], rows, texts=2)


def _metric_lines(card: dict[str, Any]) -> list[str]:
    lines = metric_lines(card["test_metrics"], {GRADIENT_BOOSTING: "trees", RECENCY_BASELINE: "recency"})
    methods = ", ".join(f"{_NAMES[name]}: {told['method']}" for name, told in card["calibration"].items())
    return [*lines, f"Calibration: {methods}.", ""]


def _reliability_lines(card: dict[str, Any]) -> list[str]:
    rows = [
        [
            str(row["bin"]),
            f"{row['customer_count']:,}",
            f"{row['mean_probability']:.4f}",
            f"{row['observed_share']:.4f}",
            f"{row['observed_low']:.4f} to {row['observed_high']:.4f}",
        ]
        for row in card["reliability"]
    ]
    return table_lines("Said and seen", ["bin", "customers", "said", "seen", "95% interval"], rows, texts=0)
