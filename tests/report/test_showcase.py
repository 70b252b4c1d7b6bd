"""The README's pictures: made from a publication, and there where the README shows them."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

from report.data import open_publication
from report.showcase import QUERIES, write_pictures
from tests.conftest import ROOT
from tests.report.publishing import write_publication

NPS: dict[str, Any] = {
    **{"period": "quarter", "cut": "all", "metric": "nps", "survey_type": "relational", "is_complete": True},
    **{"is_suppressed": False, "score_value": 10.0, "interval_low": 2.0, "interval_high": 18.0},
}
ROWS: dict[str, list[dict[str, Any]]] = {
    "mart_experience__score": [
        NPS | {"period_start": date(2026, 1, 1)},
        NPS | {"period_start": date(2026, 4, 1), "score_value": 14.0},
    ],
    "mart_happiness__driver": [
        {"segment": "all", "touchpoint": "delivery", "r2_share": 0.2, "share_low": 0.1, "share_high": 0.3}
    ],
    "mart_happiness__expectation_gap": [
        {"period": "all_time", "touchpoint": "delivery", "mean_gap": -0.5, "gap_low": -0.7, "gap_high": -0.3}
        | {"is_suppressed": False}
    ],
}


def test_every_picture_is_made_of_the_marts(tmp_path: Path) -> None:
    write_publication(tmp_path, "shop", ROWS)
    publication = open_publication(tmp_path / "shop" / "published", "shop")
    written = write_pictures(publication, tmp_path / "pictures")
    assert [path.stem for path in written] == list(QUERIES)
    texts = {path.stem: path.read_text(encoding="utf-8") for path in written}
    assert all(text.startswith("<svg") for text in texts.values())
    assert "delivery" in texts["drivers"]
    assert "delivery" in texts["expectation"]


def test_nothing_to_show_makes_no_picture(tmp_path: Path) -> None:
    write_publication(tmp_path, "empty", {})
    publication = open_publication(tmp_path / "empty" / "published", "empty")
    assert write_pictures(publication, tmp_path / "pictures") == []


def test_the_readme_shows_pictures_that_are_there() -> None:
    shown = re.findall(r"\]\((docs/pictures/[^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(f"docs/pictures/{name}.svg" for name in QUERIES)
    assert all((ROOT / path).is_file() for path in shown)
