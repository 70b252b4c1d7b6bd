"""Local times that summer time skips or repeats; the UTC times are worked out from the zones' own offsets."""

import duckdb
import pytest

from orchestration.declaration.file_options import FileOptions
from orchestration.landing.formats.casting import RawColumn, cast_sql


@pytest.mark.parametrize(
    ("zone", "local", "utc"),
    [
        # Berlin, 29 March 2026: after 01:59:59 (UTC+1) comes 03:00 (UTC+2).
        ("Europe/Berlin", "2026-03-29 01:59:59", "2026-03-29 00:59:59"),
        ("Europe/Berlin", "2026-03-29 02:30:00", "2026-03-29 01:30:00"),  # skipped: the moment that was 03:30
        ("Europe/Berlin", "2026-03-29 03:00:00", "2026-03-29 01:00:00"),
        # Berlin, 25 October 2026: 02:00 to 02:59:59 comes twice, in UTC+2 and then in UTC+1.
        ("Europe/Berlin", "2026-10-25 01:59:59", "2026-10-24 23:59:59"),
        ("Europe/Berlin", "2026-10-25 02:30:00", "2026-10-25 01:30:00"),  # repeated: not 00:30
        ("Europe/Berlin", "2026-10-25 03:00:00", "2026-10-25 02:00:00"),
        # New York: UTC-5 in winter, UTC-4 in summer.
        ("America/New_York", "2026-03-08 02:30:00", "2026-03-08 07:30:00"),
        ("America/New_York", "2026-11-01 01:30:00", "2026-11-01 06:30:00"),
        # In São Paulo the day of 4 November 2018 began at one o'clock.
        ("America/Sao_Paulo", "2018-11-04 00:30:00", "2018-11-04 03:30:00"),
        # Lord Howe moves by half an hour, between UTC+10:30 and UTC+11.
        ("Australia/Lord_Howe", "2026-10-04 02:10:00", "2026-10-03 15:40:00"),
        ("Australia/Lord_Howe", "2026-04-05 01:45:00", "2026-04-04 15:15:00"),
    ],
)
@pytest.mark.parametrize("kind", ["text", "format", "typed"])
def test_a_local_time_becomes_one_utc_time(kind: str, zone: str, local: str, utc: str) -> None:
    is_text = kind != "typed"
    raw = f"'{local}'" if is_text else f"timestamp '{local}'"
    column = RawColumn("at", "timestamp", "at", raw, "VARCHAR" if is_text else "TIMESTAMP")
    options = FileOptions(timestamp_format="%Y-%m-%d %H:%M:%S") if kind == "format" else FileOptions()
    found = duckdb.sql(f"select cast({cast_sql(column, options, zone)} as varchar)").fetchone()
    assert found == (utc,)
