"""Snapshots: the same inputs share one, the observation day ends at local midnight, ledgers add up."""

# ruff: noqa: DTZ001  the landing keeps naive UTC

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from orchestration.declaration.company import CompanyError
from orchestration.ground.durable import DamagedStateError
from orchestration.landing.loads import ledger
from orchestration.snapshots import snapshot
from orchestration.snapshots.completeness import SnapshotError
from orchestration.snapshots.feeds import feed_rows, read_feeds
from orchestration.snapshots.snapshot import pin_snapshot, set_damaged_aside
from tests.orchestration.damage import damages
from tests.orchestration.landing.conftest import NOW

DATED = {
    "columns": {"contact_id": "text", "seen_at": "timestamp"},
    "event_time": "seen_at",
}


def pin(shop, *, run_date=None, now=NOW, code="code"):
    return pin_snapshot(
        shop.company, shop.workspace, shop.manifests(), run_date=run_date, now=now, code_fingerprint=code
    )


def test_equal_inputs_share_a_snapshot_and_changes_make_the_next(make_shop):
    shop = make_shop(settings={"as_of": "2024-05-31"})
    shop.write("contacts-1.csv", "contact_id,amount\nc1,1\n")
    shop.land()
    first = pin(shop)
    assert (first.snapshot_sequence, first.max_load_sequence, len(first.load_ids)) == (1, 1, 1)
    assert pin(shop, now=NOW + timedelta(days=3)) == first
    shop.write("contacts-2.csv", "contact_id,amount\nc2,2\n")
    shop.land()
    second = pin(shop)
    assert (second.snapshot_sequence, second.max_load_sequence) == (2, 2)
    third = pin(shop, code="other code")
    shop.settings["minimum_answers"] = 5
    fourth = pin(shop, code="other code")
    (shop.root / "shop" / "staging" / "stg_crm__lead.sql").write_text("select 1")
    fifth = pin(shop, code="other code")
    folder = shop.root / "shop" / "identity"
    folder.mkdir()
    (folder / "must_link.csv").write_text("record_id_a,record_id_b,reason\na,b,same\n")
    sixth = pin(shop, code="other code")
    found = [first, second, third, fourth, fifth, sixth]
    assert [item.snapshot_sequence for item in found] == [1, 2, 3, 4, 5, 6]
    assert len({item.snapshot_id for item in found}) == 6


def test_the_frame_is_the_row_of_run_snapshot(make_shop):
    shop = make_shop(settings={"as_of": "2024-05-31"})
    found = pin(shop)
    frame = found.as_frame()
    assert frame.to_dict("records") == [
        {
            "snapshot_id": found.snapshot_id,
            "snapshot_sequence": 1,
            "as_of_date": date(2024, 5, 31),
            "as_of_at": datetime(2024, 5, 31, 22),
            "max_load_sequence": 0,
        }
    ]


@pytest.mark.parametrize(
    ("zone", "day", "ends"),
    [
        ("Europe/Berlin", "2024-01-15", datetime(2024, 1, 15, 23)),
        ("Europe/Berlin", "2024-03-30", datetime(2024, 3, 30, 23)),
        ("Europe/Berlin", "2024-03-31", datetime(2024, 3, 31, 22)),
        ("Europe/Berlin", "2024-10-27", datetime(2024, 10, 27, 23)),
        ("America/Sao_Paulo", "2018-10-17", datetime(2018, 10, 18, 3)),
        # Summer time began at midnight: 00:00 did not exist, the day began at 01:00, which is 03:00 UTC.
        ("America/Sao_Paulo", "2018-11-03", datetime(2018, 11, 4, 3)),
        ("UTC", "2024-12-31", datetime(2025, 1, 1)),
    ],
)
def test_the_day_ends_at_local_midnight(make_shop, zone, day, ends):
    assert pin(make_shop(settings={"as_of": day, "time_zone": zone})).as_of_at == ends


def test_the_schedule_gives_the_date_or_the_last_day_that_ended(make_shop):
    shop = make_shop(settings={"as_of": "schedule"})
    assert pin(shop, run_date=date(2024, 2, 3)).as_of_date == date(2024, 2, 3)
    # 23:30 UTC on the 31st is already the 1st of June in Berlin.
    assert pin(shop, now=datetime(2024, 5, 31, 23, 30, tzinfo=UTC)).as_of_date == date(2024, 5, 31)
    assert pin(shop, now=datetime(2024, 5, 31, 21, 30, tzinfo=UTC)).as_of_date == date(2024, 5, 30)


def test_latest_landed_is_the_local_day_of_the_last_event(make_shop):
    shop = make_shop(settings={"as_of": "latest_landed"}, **DATED)
    shop.write("contacts.csv", "contact_id,seen_at\nc1,2024-03-01 23:30\nc2,2024-02-01\nc3,\n")
    shop.land()
    assert pin(shop).as_of_date == date(2024, 3, 2)


def test_a_mistyped_year_does_not_move_the_observation_date(make_shop):
    shop = make_shop(settings={"as_of": "latest_landed"}, **DATED)
    shop.write("contacts.csv", "contact_id,seen_at\nc1,2024-03-01 10:00\nc2,2204-03-01\n")
    shop.land()
    assert pin(shop).as_of_date == date(2024, 3, 1)


def test_latest_landed_reads_dates_as_they_are(make_shop):
    shop = make_shop(
        settings={"as_of": "latest_landed"}, columns={"contact_id": "text", "day": "date"}, event_time="day"
    )
    shop.write("contacts.csv", "contact_id,day\nc1,2024-03-01\nc2,2024-02-01\n")
    shop.land()
    assert pin(shop).as_of_date == date(2024, 3, 1)


def test_latest_landed_without_events_says_what_to_do(make_shop):
    shop = make_shop(settings={"as_of": "latest_landed"})
    shop.write("contacts.csv", "contact_id,amount\nc1,1\n")
    shop.land()
    with pytest.raises(SnapshotError, match="declare event_time"):
        pin(shop)


def test_a_damaged_snapshot_is_named_and_set_aside_by_the_next_run(make_shop):
    shop = make_shop(settings={"as_of": "2024-05-31"})
    first = pin(shop)
    path = shop.workspace.snapshots_dir / "00000001.json"
    for number, damaged in enumerate(damages(path.read_bytes(), random.Random(17)), 1):
        (path := shop.workspace.snapshots_dir / f"{number:08d}.json").write_bytes(damaged)
        with pytest.raises(DamagedStateError, match=rf"{path.name} .*sets it aside"):
            pin(shop)
        assert [found.name for found in set_damaged_aside(shop.workspace)] == [f"{path.name}.damaged-1"]
        # Never the sequence of the lost record: rows of other inputs may carry it.
        again = pin(shop)
        assert (again.snapshot_id, again.snapshot_sequence) == (first.snapshot_id, number + 1)
    assert number == 66


def test_a_lost_snapshot_that_is_published_keeps_its_sequence(make_shop, monkeypatch):
    shop = make_shop(settings={"as_of": "2024-05-31"})
    pin(shop, code="other code")
    lost = pin(shop)
    monkeypatch.setattr(snapshot, "current_generation", lambda _: lost)
    (shop.workspace.snapshots_dir / "00000002.json").write_text("{")
    set_damaged_aside(shop.workspace)
    assert pin(shop) == lost
    (shop.workspace.snapshots_dir / "00000002.json").unlink()
    assert pin(shop, code="third code").snapshot_sequence == 3


def test_ledgers_count_every_record_once(make_shop):
    shop = make_shop()
    shop.write("contacts-1.csv", "contact_id,amount\nc1,1\nc2,x\n,3\n,4\nc5\n")
    shop.land()
    shop.write("contacts-2.csv", "contact_id,amount\nc6,6\n")
    shop.land()
    loads = ledger.load_ledger(shop.manifests())
    assert loads.drop(columns="load_id").to_dict("records") == [
        {
            "load_sequence": 1,
            "source_name": "crm",
            "table_name": "contacts",
            "landed_at": datetime(2024, 6, 1, 6),
            "landed_count": 1,
            "quarantined_count": 4,
            "source_files": "contacts-1.csv",
        },
        {
            "load_sequence": 2,
            "source_name": "crm",
            "table_name": "contacts",
            "landed_at": datetime(2024, 6, 1, 6),
            "landed_count": 1,
            "quarantined_count": 0,
            "source_files": "contacts-2.csv",
        },
    ]
    reasons = ledger.quarantine_reasons(shop.manifests())
    assert reasons[["rule", "row_count"]].to_dict("records") == [
        {"rule": "amount_type", "row_count": 1},
        {"rule": "contact_id_required", "row_count": 2},
        {"rule": "csv_too_few_values", "row_count": 1},
    ]
    assert set(reasons["load_id"]) == {loads["load_id"][0]}


def test_a_load_that_was_replaced_is_neither_pinned_nor_counted(make_shop):
    shop = make_shop(settings={"as_of": "2024-05-31"})
    shop.write("contacts.csv", "contact_id,amount\nc1,1\n")
    old = shop.land().manifest
    shop.table = {**shop.table, "time_zone": "Europe/Berlin"}
    new = shop.land().manifest
    assert old.load_id != new.load_id
    assert pin(shop).load_ids == (new.load_id,)
    assert list(ledger.load_ledger(shop.manifests())["load_id"]) == [new.load_id]


def test_ledgers_of_no_load_are_empty_and_typed():
    assert ledger.load_ledger([]).empty
    assert str(ledger.load_ledger([])["landed_at"].dtype) == "datetime64[us]"
    assert str(ledger.quarantine_reasons([])["row_count"].dtype) == "int64"


ORDERS = {"columns": {"order_id": "text", "ordered_at": "timestamp"}, "event_time": "ordered_at", "path": "orders*.csv"}


@pytest.fixture
def with_orders(make_shop):
    """A shop whose one table are its orders: three a day, 1 to 30 May, beside other rows."""

    def make(as_of, *more, **settings):
        shop = make_shop(settings={"as_of": as_of, **settings}, **ORDERS, required=[])
        staging = shop.root / "shop" / "staging"
        staging.mkdir(parents=True)
        (staging / "stg_crm__sales_order.sql").write_text(
            "with mapped as (select order_id, {{ landing_columns() }} from {{ source('landing', 'crm__contacts') }})\n"
            "{{ conform('sales_order') }}\n"
        )
        lines = [f"o{day}{hour},2024-05-{day:02d} {hour}:00" for day in range(1, 31) for hour in (10, 11, 12)]
        shop.write("orders.csv", "\n".join(["order_id,ordered_at", *lines, *more, ""]))
        shop.land()
        return shop

    return make


def test_the_feed_of_a_table_is_what_staging_makes_of_it(with_orders):
    shop = with_orders("latest_landed", "x,2024-05-31 23:30", "y,2024-06-02", "z,")
    (feed,) = read_feeds(shop.company, shop.manifests(), shop.workspace.state_dir)
    # Half past eleven in UTC is the next day in Berlin, which the landing at six had not ended; the 2nd had not begun.
    assert (feed.name, feed.tables, feed.row_count) == ("crm.sales_order", ("contacts",), 91)
    assert (feed.complete_until_date, feed.is_judged, feed.usual_silence_days) == (date(2024, 6, 1), True, 1)
    assert feed_rows([feed]).to_dict("records") == [
        {
            "source_name": "crm",
            "entity": "sales_order",
            "table_names": "contacts",
            "is_transaction": True,
            "is_judged": True,
            "is_ended": False,
            "row_count": 91,
            "stray_row_count": 0,
            "latest_event_date": date(2024, 6, 1),
            "complete_until_date": date(2024, 6, 1),
            "usual_silence_days": 1,
        }
    ]


def test_the_schedule_waits_for_the_orders(with_orders):
    shop = with_orders("schedule")
    last = date(2024, 5, 30)
    assert pin(shop, run_date=date(2024, 5, 20)).as_of_date == date(2024, 5, 20)
    assert pin(shop).as_of_date == last
    assert pin(shop, run_date=date(2024, 6, 6)).as_of_date == last
    with pytest.raises(SnapshotError, match="2024-06-07, but the feeds are complete until 2024-05-30"):
        pin(shop, run_date=date(2024, 6, 7))
    shop.settings["feeds"] = {"max_days_behind": 8}
    assert pin(shop, run_date=date(2024, 6, 7)).as_of_date == last
    # A day without sales is over with the next sale.
    shop.write("orders-2.csv", "order_id,ordered_at\nn1,2024-06-01 05:00\n")
    shop.land()
    assert pin(shop, run_date=date(2024, 5, 31)).as_of_date == date(2024, 5, 31)


def test_a_fixed_date_stands_while_the_orders_are_not_too_far_behind(with_orders):
    shop = with_orders("2024-06-06")
    assert pin(shop).as_of_date == date(2024, 6, 6)
    shop.settings["as_of"] = "2024-06-07"
    with pytest.raises(SnapshotError, match="max_days_behind: 8"):
        pin(shop)


def test_a_lone_later_order_does_not_move_the_date(with_orders):
    shop = with_orders("latest_landed")
    shop.write("orders-2.csv", "order_id,ordered_at\nn1,2024-10-05 05:00\n")
    shop.land(now=datetime(2025, 1, 1, tzinfo=UTC))
    assert pin(shop).as_of_date == date(2024, 5, 30)


def test_only_feeds_that_can_exist_have_ended(make_shop):
    shop = make_shop(settings={"feeds": {"ended": ["crm.orders"]}})
    with pytest.raises(CompanyError, match=r"'crm\.orders': write source\.entity"):
        _ = shop.company
