"""Offsets told as comparisons are those that the engine's own calendar gives, hour by hour."""

from datetime import datetime

import duckdb
import pytest

from orchestration.ground.zones import (
    ZoneOffset,
    is_told_sql,
    local_date_macro,
    local_offsets,
    offset_sql,
    utc_offsets,
)

ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Asia/Kathmandu",  # 15 minutes moved in 1986
    "Australia/Lord_Howe",  # summer time of half an hour
    "Pacific/Apia",  # skipped the 30th of December 2011
    "UTC",
]
# Every quarter of an hour near what changes, and far from it every 13 hours.
MOMENTS = """
    (select unnest(generate_series(timestamp '1971-01-01', timestamp '2035-01-01', interval '13 hours')) as moment
     union all
     select unnest(generate_series(timestamp '2011-12-28', timestamp '2012-01-02', interval '15 minutes'))
     union all
     select unnest(generate_series(timestamp '2023-03-25', timestamp '2023-04-03', interval '15 minutes'))
     union all
     select unnest(generate_series(timestamp '2023-10-28', timestamp '2023-11-06', interval '15 minutes')))
"""


@pytest.mark.parametrize("zone", ZONES)
def test_local_dates_are_the_calendars(zone: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(local_date_macro(zone))
        by_engine = f"cast(timezone('{zone}', timezone('UTC', moment)) as date)"
        found = connection.execute(
            f"select count(*), count(*) filter (where main.local_date(moment) <> {by_engine}) from {MOMENTS}"
        ).fetchone()
    assert found is not None
    assert found[0] > 40_000
    assert found[1] == 0


@pytest.mark.parametrize("zone", ZONES)
def test_local_times_become_the_calendars_instants(zone: str) -> None:
    offset = offset_sql("moment", local_offsets(zone))
    by_engine = f"timezone('UTC', timezone('{zone}', moment))"
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select moment, moment - to_seconds({offset}), {by_engine} from {MOMENTS}"
            f" where {is_told_sql('moment')} and moment - to_seconds({offset}) <> {by_engine} order by 1 limit 5"
        ).fetchall()
    assert found == []


def test_what_berlins_clocks_did() -> None:
    # Summer time began on 28 March 2010; in 2024 on 31 March, and it ended on 27 October, at 01:00 UTC.
    assert utc_offsets("Europe/Berlin")[:2] == (
        ZoneOffset(datetime(2010, 1, 1), 3600),  # noqa: DTZ001
        ZoneOffset(datetime(2010, 3, 28, 1), 7200),  # noqa: DTZ001
    )
    of_2024 = [item for item in local_offsets("Europe/Berlin") if item.since.year == 2024]
    # 02:00 to 03:00 was never shown, 02:00 to 03:00 in October twice: the second pass counts.
    assert of_2024 == [
        ZoneOffset(datetime(2024, 3, 31, 3), 7200),  # noqa: DTZ001
        ZoneOffset(datetime(2024, 10, 27, 2), 3600),  # noqa: DTZ001
    ]


def test_moments_outside_and_no_moment_are_left_to_the_engine() -> None:
    with duckdb.connect() as connection:
        connection.execute(local_date_macro("Europe/Berlin"))
        found = connection.execute(
            f"select {is_told_sql('moment')}, cast(main.local_date(moment) as varchar)"
            " from (values (timestamp '1890-01-01 23:30'), (timestamp '2200-12-31 23:30'), (null)) as given(moment)"
        ).fetchall()
    # Before 1893 Berlin was 53 minutes and 28 seconds ahead.
    assert found == [(False, "1890-01-02"), (False, "2201-01-01"), (None, None)]
