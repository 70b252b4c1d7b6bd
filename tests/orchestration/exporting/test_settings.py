"""What company.yml may declare, and conditions that reach for more than the rows."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tests.orchestration.exporting.made import CALLS, SYNC, declared

HTTP = {"kind": "http", "url_env": "CX_CRM_URL"}


@pytest.mark.parametrize(
    "where",
    [
        "rfm_segment = 'loyal' and recency_score >= 4",
        "not (rfm_segment in ('a', 'b') or purchase_amount is null)",
        "lower(rfm_segment) like 'at%' and recency_score between 2 and 5",
        "date '2026-01-01' - interval 30 day < observation_date",
        "case when recency_score > 3 then true else coalesce(purchase_amount, 0) > 10 end",
        "rfm_segment is distinct from 'lost' and recency_score % 2 = 0 and round(purchase_amount / 2, 1) > 1",
        "date_diff('day', a, b) > 3 and year(a) = 2026 and extract(month from a) = 1 and length(trim(c)) > 0",
        "list_contains(['a', 'b'], rfm_segment) or starts_with(rfm_segment, 'x') or substr(rfm_segment, 1, 1) = 'y'",
    ],
)
def test_conditions_over_rows_are_accepted(where: str) -> None:
    assert declared(SYNC, where=where).where == where


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("customer_id in (select customer_id from core.dim_customer)", "no subquery"),
        ("exists (from core.dim_customer)", "no subquery"),
        ("1 = 1; drop table marts.mart_segment__rfm", "Give one condition"),
        ("1 = 1 union select 2", "Give one condition"),
        ("1 = 1 order by 1", "Give one condition"),
        ("1 = 1 limit 1", "Give one condition"),
        ("sum(recency_score) > 1", "no subquery, window or sum"),
        ("row_number() over () = 1", "no subquery, window or sum"),
        ("read_text('/etc/passwd') = 'x'", "may not use"),
        ("getenv('CX_TOKEN') = 'x'", "may not use"),
        ("current_setting('memory_limit') = 'x'", "may not use"),
        ("random() < 0.5", "may not use"),
        ("observation_date < current_date", "may not use"),
        ("observation_date < today()", "may not use"),
        ("now() > observation_date", "may not use"),
        ("customer_id = $1", "may not use"),
        ("customer_id = ?", "may not use"),
        ("columns(*) = 1", "may not use"),
        ("list_filter([1], x -> x > 0) = [1]", "may not use"),
        ("restricted.core.dim_customer_identity.email = 'x'", "without a table"),
        ("t.recency_score = 1", "without a table"),
        ("recency_score = ", "cannot be read"),
        ("recency_score = 1) or (1 = 1", "cannot be read"),
    ],
)
def test_conditions_that_reach_further_are_refused(where: str, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        declared(SYNC, where=where)


@pytest.mark.parametrize(
    ("base", "changed", "told"),
    [
        (SYNC, {"table": "staging.stg_crm__customer_record"}, "pattern"),
        (SYNC, {"table": "marts.mart_segment__rfn"}, "no table marts.mart_segment__rfn. Did you mean"),
        (SYNC, {"columns": []}, "at least 1 item"),
        (SYNC, {"columns": ["customer_id", "customer_id"]}, "stands twice"),
        (SYNC, {"columns": {"customer_id": "=cmd"}}, "pattern"),
        (SYNC, {"columns": {"customer_id": "Id", "rfm_segment": "ID"}, "key": ["Id"]}, "two columns of the list"),
        (SYNC, {"key": ["customer"]}, "key names customer, which is no column of the list. Did you mean customer_id"),
        (SYNC, {"key": ["customer_id", "customer_id"]}, "twice"),
        (SYNC, {"max_rows": 0}, "greater than or equal to 1"),
        (SYNC, {"is_marketing": True}, "name the purpose"),
        (SYNC, {"channel": "email"}, "needs a purpose"),
        (CALLS, {"purpose": None}, "name the purpose"),
        (SYNC, {"to": {"kind": "xlsx"}}, "kind"),
        (SYNC, {"to": {**HTTP, "url_env": "https://crm.example.org"}}, "pattern"),
        (
            SYNC,
            {"columns": {"customer_id": "operation"}, "key": ["operation"], "to": {**HTTP, "send": "changes"}},
            "call no column `operation`",
        ),
        (SYNC, {"to": {**HTTP, "batch_size": 0}}, "greater than or equal to 1"),
        (SYNC, {"to": {**HTTP, "token": "secret"}}, "Extra inputs"),
    ],
)
def test_declarations_that_are_wrong_are_refused(base: dict[str, Any], changed: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        declared(base, **changed)


def test_max_rows_must_be_said() -> None:
    with pytest.raises(ValidationError, match="max_rows"):
        declared({name: value for name, value in SYNC.items() if name != "max_rows"})
