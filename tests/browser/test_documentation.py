"""The pages of the documentation in a real browser, opened as files: they work, and ask nothing of any host."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.chromium import Tab, opened

MART = "marts.mart_customer__customer_360"


@pytest.fixture(params=["sample"])
def company(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def docs(published_root: Path, company: str) -> Path:
    return published_root / company / "published" / "docs"


def show(tab: Tab, page: Path, fragment: str) -> None:
    tab.call("Page.navigate", url=f"{page.as_uri()}#{fragment}")
    tab.wait_until(f"location.pathname.endsWith('{page.name}') && document.readyState === 'complete'")


def test_a_column_is_followed_back_with_the_keyboard(docs: Path, screenshots: Path) -> None:
    with opened() as tab:
        show(tab, docs / "lineage.html", f"table={MART}&column=net_amount")
        ends = tab.wait_until("document.querySelector('#ends').innerText")
        assert "landing.shop__lines.net_amount as landed from the source" in ends
        tab.evaluate("document.querySelector('#tree details details summary').focus()")
        tab.press("Enter")
        tab.wait_until("document.querySelector('#tree').innerText.includes('int_sales__order_amount.net_amount')")
        tab.screenshot(screenshots / "lineage.png")
        assert tab.requests == [(docs / "lineage.html").as_uri()]
        assert tab.complaints == []


def test_dbts_page_shows_a_model_and_asks_no_host(docs: Path, screenshots: Path) -> None:
    with opened() as tab:
        show(tab, docs / "index.html", "!/model/model.cx.mart_customer__customer_360")
        tab.wait_until("document.body.innerText.includes('Persistent id of the customer.')")
        tab.screenshot(screenshots / "dbt_documentation.png")
        assert [request for request in tab.requests if not request.startswith(("file:", "data:"))] == []
        assert [said for said in tab.complaints if said.startswith("exception")] == []
