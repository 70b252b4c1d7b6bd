"""The benchmark of predictions runs on few customers; published figures are judged in their own test."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def test_figures_of_other_cases_stay(tmp_path: Path) -> None:
    output = tmp_path / "predict.json"
    other = {"case": "cdnow", "system": "published", "metric": "bg_nbd_r", "value": 0.243, "unit": "as published"}
    output.write_text(json.dumps([other, {**other, "case": "lifetime"}]), encoding="utf-8")
    command = [sys.executable, "-m", "tests.benchmarks.predict", "--case", "lifetime", "--customers", "2000"]
    done = subprocess.run([*command, "--output", str(output)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    rows = json.loads(output.read_text(encoding="utf-8"))
    assert rows[0] == other
    assert [(row["case"], row["metric"]) for row in rows[1:]] == [
        ("lifetime", "customers"),
        ("lifetime", "seconds"),
        ("lifetime", "peak"),
    ]
    assert rows[1]["value"] == 2000
