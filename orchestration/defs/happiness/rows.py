"""Rows of drivers and happiness: read, one call into the domain; what runs them is beside it."""

from datetime import date

from cx_assets.happiness.customers import customer_happiness
from cx_assets.happiness.drivers import Rules, driver_models
from cx_assets.happiness.index import happiness_index, index_weights
from cx_assets.happiness.settings import HappinessSettings
from cx_assets.happiness.tables import CUSTOMER_HAPPINESS, HAPPINESS_INDEX, HAPPINESS_WEIGHT, SATISFACTION_DRIVER
from orchestration.declaration.company import Company
from orchestration.warehouse.database import Replacement, Warehouse


def happiness_tables(company: Company, warehouse: Warehouse, as_of: date) -> list[Replacement]:
    """Rows of all four tables."""
    settings = company.settings(HappinessSettings)
    rules = Rules(
        minimum_answers=settings.minimum_answers,
        minimum_respondents=settings.minimum_respondents,
        maximum_respondents=settings.maximum_respondents,
        samples=settings.bootstrap_samples,
    )
    ratings = warehouse.frame("select * from intermediate.int_happiness__rating order by response_id, touchpoint")
    drivers = driver_models(ratings, rules)
    weights = index_weights(drivers, ratings)
    return [
        Replacement(SATISFACTION_DRIVER, drivers.rows),
        Replacement(HAPPINESS_WEIGHT, weights.rows),
        Replacement(HAPPINESS_INDEX, happiness_index(ratings, weights)),
        Replacement(CUSTOMER_HAPPINESS, customer_happiness(ratings, weights, as_of=as_of, days=settings.customer_days)),
    ]
