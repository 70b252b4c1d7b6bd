"""What starts runs and what alerts: a new landing asks for one run, a publication grown stale is told once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from orchestration.defs.schedule.triggers import build_sensors, what_readers_have
from orchestration.ground import lock
from orchestration.publication import generations as publication
from orchestration.publication.generations import STALE_AFTER
from orchestration.publication.report_file import LINEAGE, REPORT, generation_mark
from orchestration.runs.site import Site
from orchestration.snapshots.snapshot import pin_snapshot
from tests.orchestration.landing.conftest import NOW, Shop

PUBLISHED_AT = datetime(2024, 6, 1, 6, tzinfo=UTC)
MakeShop = Callable[..., Shop]


def evaluate(site: Site, name: str, cursor: str | None = None) -> tuple[Any, str | None]:
    """What a sensor of the company answers, and the cursor that it leaves."""
    sensor = next(sensor for sensor in build_sensors(site) if sensor.name == name)
    with dg.build_sensor_context(cursor=cursor) as context:
        return sensor(context), context.cursor


def pin(shop: Shop) -> None:
    pin_snapshot(
        shop.company, shop.workspace, shop.manifests(), run_date=None, now=NOW, code_fingerprint="unchanged code"
    )


def test_a_new_landing_asks_for_one_run_and_a_pinned_one_for_none(make_shop: MakeShop) -> None:
    shop = make_shop({"as_of": "schedule"})
    site = Site(shop.workspace, shop.company)
    assert isinstance(evaluate(site, "new_landings")[0], dg.SkipReason)
    shop.write("contacts_1.csv", "contact_id,amount\na,1\n")
    shop.land()
    first, again = (evaluate(site, "new_landings")[0] for _ in range(2))
    # The daemon starts one run per key: asked twice before the run has pinned the landing, it starts one.
    assert first.run_key == again.run_key == "landing-1"
    pin(shop)
    assert isinstance(evaluate(site, "new_landings")[0], dg.SkipReason)
    shop.land()
    assert isinstance(evaluate(site, "new_landings")[0], dg.SkipReason), "the same file has landed twice"
    shop.write("contacts_2.csv", "contact_id,amount\nb,2\n")
    shop.land()
    assert evaluate(site, "new_landings")[0].run_key == "landing-2"


def test_a_new_landing_waits_for_the_run_at_work(make_shop: MakeShop) -> None:
    shop = make_shop({"as_of": "schedule"})
    site = Site(shop.workspace, shop.company)
    shop.write("contacts_1.csv", "contact_id,amount\na,1\n")
    shop.land()
    with lock.held(shop.workspace.lock_path, run_id=None, started_at=None):
        assert isinstance(evaluate(site, "new_landings")[0], dg.SkipReason)
    assert evaluate(site, "new_landings")[0].run_key == "landing-1"


@pytest.fixture
def published(make_shop: MakeShop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], Site]:
    """A company with a publication; gives its site at a time after it, by CX_CLOCK as a user sets it."""
    shop = make_shop({"as_of": "schedule"})
    assert shop.company.name == "shop"
    warehouse = tmp_path / "cx.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema core; create table core.dim_customer as select 'c1' as customer_id")
    publication.publish(
        warehouse,
        shop.workspace.published_dir,
        [publication.PublishedTable("core", "dim_customer")],
        company="shop",
        snapshot_id="s1",
        snapshot_sequence=1,
        as_of_date="2024-05-31",
        published_at=PUBLISHED_AT.isoformat(),
        run_id="r1",
        checks_declared=1,
        checks_passed=1,
        warnings=[],
    )
    monkeypatch.setenv("CX_COMPANY", "shop")
    monkeypatch.setenv("CX_COMPANY_DIR", str(shop.workspace.company_dir))
    monkeypatch.setenv("CX_SOURCE_DIR", str(shop.source))
    monkeypatch.setenv("CX_STATE_ROOT", str(shop.workspace.state_dir.parent))
    monkeypatch.delenv("CX_ALERT_WEBHOOK", raising=False)

    def at(age: timedelta) -> Site:
        monkeypatch.setenv("CX_CLOCK", (PUBLISHED_AT + age).isoformat())
        return Site.from_environment()

    return at


def alerts(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "cx.alerts"]


def test_a_publication_is_told_once_when_it_has_grown_stale(
    published: Callable[[timedelta], Site], caplog: pytest.LogCaptureFixture
) -> None:
    name = "alert_on_stale_publication"
    with caplog.at_level(logging.ERROR):
        _, cursor = evaluate(published(STALE_AFTER), name)
        assert alerts(caplog) == []
        _, cursor = evaluate(published(STALE_AFTER + timedelta(seconds=1)), name, cursor)
        _, cursor = evaluate(published(STALE_AFTER + timedelta(hours=5)), name, cursor)
        assert alerts(caplog) == [
            "shop: stale publication: No run has published, or found nothing new, since 2024-06-01T06:00:00+00:00."
        ]
        site = published(STALE_AFTER + timedelta(hours=6))
        publication.note_up_to_date(site.workspace.published_dir, at=site.now())
        _, cursor = evaluate(site, name, cursor)
        assert len(alerts(caplog)) == 1
        evaluate(published(2 * STALE_AFTER + timedelta(hours=7)), name, cursor)
        assert len(alerts(caplog)) == 2, "fresh in between: told again"


def test_a_damaged_publication_is_told(
    published: Callable[[timedelta], Site], caplog: pytest.LogCaptureFixture
) -> None:
    site = published(timedelta(hours=1))
    (site.workspace.published_dir / "current" / "generation.json").write_text("{")
    with caplog.at_level(logging.ERROR):
        evaluate(site, "alert_on_stale_publication")
    assert len(alerts(caplog)) == 1
    assert "The current generation is damaged" in alerts(caplog)[0]


def test_a_target_that_is_behind_is_published_to_once_a_day(published: Callable[[timedelta], Site]) -> None:
    site = published(timedelta(hours=1))
    asked = evaluate(site, "targets_behind")[0]
    files = [dg.AssetKey(["published", "documentation"]), dg.AssetKey(["published", "report"])]
    assert (asked.run_key, asked.asset_selection) == ("00000001-s1-2024-06-01", files)
    assert evaluate(published(timedelta(hours=20)), "targets_behind")[0].run_key == "00000001-s1-2024-06-02"
    with lock.held(site.workspace.lock_path, run_id=None, started_at=None):
        assert isinstance(evaluate(site, "targets_behind")[0], dg.SkipReason)
    for name in (REPORT, LINEAGE):
        (site.workspace.published_dir / name).parent.mkdir(exist_ok=True)
        (site.workspace.published_dir / name).write_text(generation_mark("00000001-s1"))
    assert isinstance(evaluate(site, "targets_behind")[0], dg.SkipReason)


def test_who_is_alerted_learns_what_readers_have(published: Callable[[timedelta], Site]) -> None:
    site = published(timedelta(hours=1))
    old = "Readers keep the last generation."
    assert what_readers_have(site, "r1") == (
        "Readers of the DuckDB file have its generation; what failed comes after that."
    )
    assert what_readers_have(site, "r2") == old
    (site.workspace.published_dir / "current" / "generation.json").write_text("{")
    assert what_readers_have(site, "r1") == old
    (site.workspace.published_dir / "current").unlink()
    assert what_readers_have(site, "r1") == old
