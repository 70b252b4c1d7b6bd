"""What every model card has: the parts of a trained model's card, and their Markdown for people.

What the question is, whom it is asked of and what the answer must not be used for are the caller's words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from cx_assets.prediction.calibration import ChosenCalibration
from cx_assets.prediction.evaluation import BEATS_BASELINE, Evaluation


def trained_parts(
    *,
    published: str,
    calibrations: Mapping[str, ChosenCalibration],
    evaluation: Evaluation,
    features: dict[str, float],
    constant_features: list[str],
    parameters: dict[str, Any],
) -> dict[str, Any]:
    """The parts of a trained model's card that do not depend on the question; plain JSON values.

    Args:
        published: The candidate whose probability is published.
        calibrations: Of each candidate, by name.
        evaluation: What the test cut said.
        features: Share of the trees' gain by feature.
        constant_features: Features left out, as they never vary.
        parameters: Of the trees.
    """
    return {
        "status": "trained",
        "published": published,
        "published_because": (
            "better out-of-fold Brier score on the calibration cut, "
            f"{calibrations[published].brier_score:.6f}; the test cut decided nothing"
        ),
        "verdict": evaluation.verdict,
        "test_metrics": evaluation.candidates,
        "calibration": {name: chosen.told() for name, chosen in calibrations.items()},
        "feature_gain_share": features,
        "constant_features_left_out": constant_features,
        "parameters": parameters,
        "versions": {name: version(name) for name in ("lightgbm", "numpy", "pandas", "scipy")},
    }


def verdict_text(evaluation: Evaluation, *, model: str, baseline: str) -> str:
    """One sentence on whether the model beat the baseline.

    Args:
        evaluation: What the test cut said.
        model: What the model is called, in the plural.
        baseline: What the baseline is called.
    """
    difference = evaluation.challenge.difference
    verb = "beat" if evaluation.verdict == BEATS_BASELINE else "do not beat"
    return (
        f"On the test cut the {model} {verb} the {baseline}: AUC difference "
        f"{difference.estimate:+.4f} (95% interval {difference.low:+.4f} to {difference.high:+.4f})."
    )


def table_lines(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, texts: int = 1) -> list[str]:
    """A heading and a Markdown table; the first `texts` columns are text, the others numbers."""
    marks = ["---" if number < texts else "---:" for number in range(len(columns))]
    return [f"## {title}", "", _line(columns), _line(marks), *(_line(row) for row in rows), ""]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def metric_lines(test_metrics: Mapping[str, Mapping[str, float | None]], titles: Mapping[str, str]) -> list[str]:
    """The test cut's metrics, a column per candidate under its title."""
    sides = [test_metrics[name] for name in titles]
    rows = [
        [name, *("not defined" if (value := side[name]) is None else f"{value:.4f}" for side in sides)]
        for name in sides[0]
    ]
    return table_lines("On the test cut", ["metric", *titles.values()], rows)


def feature_lines(card: Mapping[str, Any]) -> list[str]:
    """What the trees learnt from, and what they could not."""
    shares = [[name, f"{share:.4f}"] for name, share in card["feature_gain_share"].items()]
    lines = table_lines("Features by share of gain", ["feature", "share"], shares)
    if card["constant_features_left_out"]:
        lines += [f"Left out, as they never vary: {', '.join(card['constant_features_left_out'])}.", ""]
    return lines
