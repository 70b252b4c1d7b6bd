"""Days that the orders have not reached stop the build, whatever the landing says of itself."""

from datetime import date, datetime
from pathlib import Path

import pytest

from tests.dbt.company import Company
from tests.dbt.small_company import order

CHECK = "orders_reach_the_observation_date"


@pytest.mark.parametrize(
    ("day_count", "as_of", "is_refused"),
    [(10, date(2026, 3, 18), True), (10, date(2026, 3, 17), False), (9, date(2026, 3, 31), False)],
)
def test_the_orders_reach_the_observation_date(tmp_path: Path, day_count: int, as_of: date, is_refused: bool) -> None:
    company = Company(tmp_path / "company", ["sales_order"])
    company.land(1, sales_order=[order(f"o{n}", None, f"2026-03-{10 - n:02d} 12:00") for n in range(day_count)])
    company.snapshot(1, as_of, datetime(as_of.year, as_of.month, as_of.day, 22))  # noqa: DTZ001
    company.dbt("run", "--select", "+fct_sales_order", "+fct_transaction_line", "dim_observation")
    if is_refused:
        with pytest.raises(AssertionError, match="Got 1 result"):
            company.dbt("test", "--select", CHECK)
    else:
        company.dbt("test", "--select", CHECK)
