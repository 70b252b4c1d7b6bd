"""The model card: what the probability means, how far it was right, and where it must not be used."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import pandas as pd

from cx_assets.churn.cuts import Cuts, Refusal, describe
from cx_assets.churn.evaluation import Evaluation
from cx_assets.churn.outcome import GRADIENT_BOOSTING, RECENCY_BASELINE

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
    features: dict[str, float],
    calibrations: dict[str, dict[str, Any]],
    published: str,
    evaluation: Evaluation,
    parameters: dict[str, Any],
) -> dict[str, Any]:
    """The card of a trained model; plain JSON values.

    Args:
        model_id: The model.
        settings: horizon_days and eligible_days.
        cuts: The rows it learnt and was tested on.
        features: Share of the trees' gain by feature.
        calibrations: Method, reason and out-of-fold Brier score by candidate.
        published: The candidate whose probability is published.
        evaluation: What the test cut said.
        parameters: Of the trees.
    """
    unused = sorted(set(cuts.train.columns) - set(features) - {"customer_id", "observation_date", "is_churned"})
    return {
        **_head(model_id, settings),
        "status": "trained",
        "windows": describe(cuts),
        "published": published,
        "published_because": (
            "better out-of-fold Brier score on the calibration cut, "
            f"{calibrations[published]['calibration_cut_brier_score']:.6f}; the test cut decided nothing"
        ),
        "verdict": evaluation.verdict,
        "verdict_text": _verdict_text(evaluation),
        "trees_against_baseline": evaluation.trees_against_baseline,
        "test_metrics": evaluation.candidates,
        "calibration": calibrations,
        "reliability": evaluation.reliability,
        "feature_gain_share": features,
        "constant_features_left_out": unused,
        "limits": _LIMITS,
        "parameters": parameters,
        "versions": {name: version(name) for name in ("lightgbm", "numpy", "pandas", "scipy")},
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


def _verdict_text(evaluation: Evaluation) -> str:
    difference = evaluation.trees_against_baseline
    verb = "beat" if evaluation.verdict == "beats_baseline" else "do not beat"
    return (
        f"On the test cut the gradient-boosted trees {verb} the recency baseline: AUC difference "
        f"{difference['estimate']:+.4f} (95% interval {difference['low']:+.4f} to {difference['high']:+.4f})."
    )


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
        lines += [*_reliability_lines(card), *_feature_lines(card), "## Limits", ""]
        lines += [f"- {limit}" for limit in card["limits"]]
    return "\n".join(lines) + "\n"


def _verdict_lines(card: dict[str, Any]) -> list[str]:
    published = f"Published: the {_NAMES[card['published']]} ({card['published_because']})."
    return ["## Verdict", "", card["verdict_text"], published, ""]


def _window_lines(card: dict[str, Any]) -> list[str]:
    lines = ["## Windows", "", "| part | cuts | rows | churn share |", "| --- | --- | ---: | ---: |"]
    for name, part in card["windows"].items():
        cut_dates = ", ".join(part["cut_dates"])
        lines.append(f"| {name} | {cut_dates} | {part['row_count']:,} | {part['churn_share']:.4f} |")
    return [*lines, ""]


def _metric_lines(card: dict[str, Any]) -> list[str]:
    trees, recency = card["test_metrics"][GRADIENT_BOOSTING], card["test_metrics"][RECENCY_BASELINE]
    lines = ["## On the test cut", "", "| metric | trees | recency |", "| --- | ---: | ---: |"]
    for name in trees:
        values = ["not defined" if side[name] is None else f"{side[name]:.4f}" for side in (trees, recency)]
        lines.append(f"| {name} | {values[0]} | {values[1]} |")
    methods = ", ".join(f"{_NAMES[name]}: {told['method']}" for name, told in card["calibration"].items())
    return [*lines, "", f"Calibration: {methods}.", ""]


def _reliability_lines(card: dict[str, Any]) -> list[str]:
    lines = ["## Said and seen", "", "| bin | customers | said | seen | 95% interval |"]
    lines.append("| ---: | ---: | ---: | ---: | ---: |")
    for row in card["reliability"]:
        lines.append(
            f"| {row['bin']} | {row['customer_count']:,} | {row['mean_probability']:.4f} | "
            f"{row['observed_share']:.4f} | {row['observed_low']:.4f} to {row['observed_high']:.4f} |"
        )
    return [*lines, ""]


def _feature_lines(card: dict[str, Any]) -> list[str]:
    lines = ["## Features by share of gain", "", "| feature | share |", "| --- | ---: |"]
    lines += [f"| {name} | {share:.4f} |" for name, share in card["feature_gain_share"].items()]
    if card["constant_features_left_out"]:
        lines += ["", f"Left out, as they never vary: {', '.join(card['constant_features_left_out'])}."]
    return [*lines, ""]
