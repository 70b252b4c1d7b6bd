"""A churn model as plain values and trees, and back; how files are written and checked is in prediction.model_files."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from cx_assets.churn.outcome import TrainedChurn
from cx_assets.prediction import model_files
from cx_assets.prediction.baseline import Baseline
from cx_assets.prediction.calibration import Calibration, MonotoneCurve
from cx_assets.prediction.model_files import ModelFileError

__all__ = ["ModelFileError", "load", "save"]


def save(model: TrainedChurn, directory: Path) -> Path:
    """Write the model into its own directory, usually named by its model_id; whole or not at all."""
    return model_files.save(_as_json(model), model.booster_text, directory)


def load(directory: Path) -> TrainedChurn:
    """Read a model that save wrote; equal to the saved one.

    Raises:
        ModelFileError: A file is missing, cut short, changed or of another format, or the trees read other
            features than the card names.
    """
    return model_files.load(directory, _from_json)


def _as_json(model: TrainedChurn) -> dict[str, Any]:
    curve = model.baseline.curve
    return {
        "model_id": model.model_id,
        "horizon_days": model.horizon_days,
        "eligible_days": model.eligible_days,
        "test_cut_date": model.test_cut_date.isoformat(),
        "features": list(model.features),
        "calibration": model.calibration.as_json(),
        "baseline": {
            "curve": {"x": list(curve.x), "y": list(curve.y)},
            "missing": model.baseline.missing,
            "calibration": model.baseline.calibration.as_json(),
        },
        "published": model.published,
        "metrics": model.metrics,
        "reliability": model.reliability,
        "card": model.card,
    }


def _from_json(plain: dict[str, Any], booster_text: str) -> TrainedChurn:
    baseline = plain["baseline"]
    return TrainedChurn(
        model_id=plain["model_id"],
        horizon_days=plain["horizon_days"],
        eligible_days=plain["eligible_days"],
        test_cut_date=date.fromisoformat(plain["test_cut_date"]),
        features=tuple(plain["features"]),
        booster_text=booster_text,
        calibration=Calibration.from_json(plain["calibration"]),
        baseline=Baseline(
            curve=MonotoneCurve(tuple(baseline["curve"]["x"]), tuple(baseline["curve"]["y"])),
            missing=baseline["missing"],
            calibration=Calibration.from_json(baseline["calibration"]),
        ),
        published=plain["published"],
        metrics=plain["metrics"],
        reliability=plain["reliability"],
        card=plain["card"],
    )
