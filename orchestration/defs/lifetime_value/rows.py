"""Rows of lifetime value: read, one call into the domain; what runs them is beside it."""

from datetime import date

from cx_assets.lifetime_value.lifetimes import Rules, customer_lifetimes
from cx_assets.lifetime_value.settings import LifetimeValueSettings
from cx_assets.lifetime_value.tables import CUSTOMER_LIFETIME, LIFETIME_MODEL
from orchestration.declaration.company import Company
from orchestration.warehouse.database import Replacement, Warehouse

MANY_CUSTOMERS = 200_000
"""Above it, half the draws do: sums over customers are as exact, and bounds of one are rough in any case."""


def lifetime_tables(company: Company, warehouse: Warehouse, as_of: date) -> list[Replacement]:
    """Rows of both tables."""
    settings = company.settings(LifetimeValueSettings)
    customers = warehouse.frame("from intermediate.int_lifetime_value__customer order by customer_id, cut_date")
    contracts = warehouse.frame("from intermediate.int_lifetime_value__contract order by customer_id, subscription_id")
    rules = Rules(
        horizon_days=settings.horizon_days,
        yearly_discount_rate=settings.yearly_discount_rate,
        minimum_customers=settings.minimum_customers,
        draws=100 if len(customers) > 2 * MANY_CUSTOMERS else 200,
    )
    found = customer_lifetimes(customers, contracts, as_of=as_of, rules=rules)
    return [Replacement(CUSTOMER_LIFETIME, found.customers), Replacement(LIFETIME_MODEL, found.models)]
