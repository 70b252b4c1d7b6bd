"""Consent and complaints as of a day, decided by hand."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from cx_assets.exports.consent import customers_with_consent, customers_with_open_complaint

AS_OF = date(2026, 6, 30)


def events(*rows: tuple[str, str, str | None, str]) -> pd.DataFrame:
    """Customer, moment, channel, action."""
    frame = pd.DataFrame(rows, columns=["customer_id", "occurred_at", "channel", "action"])
    frame["occurred_at"] = pd.to_datetime(frame["occurred_at"], format="ISO8601")
    return frame.assign(occurred_date=frame["occurred_at"].dt.date)


@pytest.mark.parametrize(
    ("rows", "is_granted"),
    [
        ([("2026-01-01", None, "given")], True),
        ([("2026-01-01", None, "withdrawn")], False),
        ([("2026-01-01", None, "given"), ("2026-02-01", None, "withdrawn")], False),
        ([("2026-01-01", None, "given"), ("2026-02-01", None, "withdrawn"), ("2026-03-01", None, "given")], True),
        # Order of the rows is not order in time.
        ([("2026-02-01", None, "withdrawn"), ("2026-01-01", None, "given")], False),
        # On the observation date counts, the day after does not, either way.
        ([("2026-06-30 23:59:59", None, "given")], True),
        ([("2026-07-01", None, "given")], False),
        ([("2026-01-01", None, "given"), ("2026-07-01", None, "withdrawn")], True),
        # At the same moment a withdrawal decides, in whatever order they come.
        ([("2026-01-01", None, "withdrawn"), ("2026-01-01", None, "given")], False),
        ([("2026-01-01", None, "given"), ("2026-01-01", None, "withdrawn")], False),
        # Asked for the telephone: its own events and those for all, not those of e-mail.
        ([("2026-01-01", "phone", "given")], True),
        ([("2026-01-01", "email", "given")], False),
        ([("2026-01-01", None, "given"), ("2026-02-01", "email", "withdrawn")], True),
        ([("2026-01-01", None, "given"), ("2026-02-01", "phone", "withdrawn")], False),
        ([("2026-01-01", "phone", "withdrawn"), ("2026-02-01", None, "given")], True),
        ([("2026-01-01", "phone", "given"), ("2026-02-01", None, "withdrawn")], False),
        ([("2026-01-01", "phone", "withdrawn"), ("2026-02-01", "email", "given")], False),
        ([("2026-01-01", "phone", "given"), ("2026-02-01", "email", "withdrawn")], True),
    ],
)
def test_the_newest_event_for_the_telephone_decides(rows: list[tuple[str, str | None, str]], is_granted: bool) -> None:
    told = events(*(("c1", *row) for row in rows), ("c2", "2026-01-01", None, "given"))
    expected = {"c1", "c2"} if is_granted else {"c2"}
    assert customers_with_consent(told, channels=["phone"], as_of=AS_OF) == expected


@pytest.mark.parametrize(
    ("rows", "is_granted"),
    [
        ([("2026-01-01", None, "given")], True),
        ([("2026-01-01", "email", "given")], False),
        ([("2026-01-01", None, "given"), ("2026-02-01", "email", "withdrawn")], False),
        ([("2026-01-01", "email", "withdrawn"), ("2026-02-01", None, "given")], True),
        ([("2026-01-01", None, "withdrawn"), ("2026-02-01", "email", "given")], False),
    ],
)
def test_without_a_channel_all_channels_must_stand(rows: list[tuple[str, str | None, str]], is_granted: bool) -> None:
    found = customers_with_consent(events(*(("c1", *row) for row in rows)), channels=[], as_of=AS_OF)
    assert found == ({"c1"} if is_granted else set())


def test_two_channels_need_both_and_nobody_is_asked_twice() -> None:
    told = events(("c1", "2026-01-01", "email", "given"), ("c2", "2026-01-01", None, "given"))
    assert customers_with_consent(told, channels=["email", "phone"], as_of=AS_OF) == {"c2"}
    assert customers_with_consent(told.iloc[:0], channels=["email"], as_of=AS_OF) == set()


def test_a_complaint_is_open_until_its_last_day_is_over() -> None:
    tickets = pd.DataFrame(
        [
            ("open", True, "2026-06-30", None),
            ("opened later", True, "2026-07-01", None),
            ("resolved on the day", True, "2026-06-01", "2026-06-30"),
            ("resolved the day after", True, "2026-06-01", "2026-07-01"),
            ("no complaint", False, "2026-06-01", None),
        ],
        columns=["customer_id", "is_complaint", "opened_date", "resolved_date"],
    )
    assert customers_with_open_complaint(tickets, as_of=AS_OF) == {"open", "resolved the day after"}
    assert customers_with_open_complaint(tickets.iloc[:0], as_of=AS_OF) == set()
