"""The report as one file: the same values as in the browser, the same bytes each time, and nothing from elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from report.data import NothingPublishedError
from report.static import write_static
from tests.report.publishing import PERSON, REFUSED, ROWS, write_publication


class _Links(HTMLParser):
    """Tags, and every attribute that would fetch something."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.fetched += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href", "xlink:href", "srcset")]


def test_the_file_says_what_the_overview_says(report_state: Path, tmp_path: Path) -> None:
    text = write_static(report_state / "bakery" / "published", tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<h1>bakery, as of 30 June 2026</h1>" in text
    assert "<strong>CSAT, transactional</strong>: 80.0% from 70 answers" in text
    assert "(95% interval +5.2 to +33.4)" in text
    assert "1,200 EUR, +20.0% against the month before" in text
    assert "Late feeds: desk ticket (9 days)." in text
    # Revenue, CSAT, NPS, segments and reliability.
    assert text.count("<svg") == 5


def test_nothing_is_fetched_and_nobody_named(report_state: Path, tmp_path: Path) -> None:
    text = write_static(report_state / "bakery" / "published", tmp_path / "report.html").read_text(encoding="utf-8")
    links = _Links()
    links.feed(text)
    assert links.fetched == []
    assert not links.tags & {"script", "link", "img", "iframe", "object", "image", "use"}
    assert set(re.findall(r"https?://[^\"' <]+", text)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert not re.search(r"@import|url\(\s*[\"']?(?!#)", text)
    assert PERSON not in text
    assert "c_0000000" not in text


def test_equal_publications_give_equal_files(report_state: Path, tmp_path: Path) -> None:
    published = report_state / "bakery" / "published"
    first, second = (write_static(published, tmp_path / name).read_bytes() for name in ("a.html", "b.html"))
    assert first == second
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", "b.html"]


def test_texts_of_the_data_are_no_markup(tmp_path: Path) -> None:
    rows = {**ROWS, "mart_prediction__churn_model": [{**REFUSED, "reason": "<script>alert(1)</script>"}]}
    write_publication(tmp_path, "bakery", rows)
    text = write_static(tmp_path / "bakery" / "published", tmp_path / "report.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script" not in text


def test_an_empty_company_has_a_file_too(report_state: Path, tmp_path: Path) -> None:
    text = write_static(report_state / "empty" / "published", tmp_path / "report.html").read_text(encoding="utf-8")
    assert "No orders and no answers up to the observation date." in text


def test_without_a_publication_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(NothingPublishedError):
        write_static(tmp_path / "bakery" / "published", tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()
