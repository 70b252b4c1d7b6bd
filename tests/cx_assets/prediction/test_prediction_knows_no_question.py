"""The room that every question shares imports none of them and knows none of their words."""

import ast
import re
from pathlib import Path

from cx_assets.churn import cuts, tables
from cx_assets.prediction import feature_rows

ROOM = Path(feature_rows.__file__).parent
SHARED = {
    "model_id", "status", "reason", "is_current", "horizon_days", "card", "bin", "mean_probability",
    "observed_share", "observed_low", "observed_high", "auc", "auc_low", "auc_high", "average_precision",
    "brier_score", "expected_calibration_error", "lift_top_decile",
}  # fmt: skip
"""Columns of churn's tables whose names say nothing about churn."""


def test_it_imports_no_other_room():
    for path in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [name.name for name in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                assert not name.startswith("cx_assets") or name.startswith("cx_assets.prediction"), (path.name, name)


def test_it_names_no_column_of_churn_and_speaks_of_positives():
    columns = {*cuts.COLUMNS.keys, cuts.LABEL, cuts.RECENCY}
    columns |= {name for table in tables.TABLES.values() for name in table.columns}
    for path in ROOM.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.name == "__init__.py":
            text = text.replace("(churn, lead scores, ...)", "")
        words = set(re.findall(r"[a-z_]+", text.lower()))
        assert not words & (columns - SHARED), path.name
        assert not [word for word in words if re.match(r"churn|customer|recency|leaver|stay(er|ed)", word)], path.name
