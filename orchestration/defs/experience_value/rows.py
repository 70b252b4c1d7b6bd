"""Rows of what satisfaction is worth: read, one call into the domain; what runs them is beside it."""

import pandas as pd

from cx_assets.experience_value.losses import experience_losses
from cx_assets.experience_value.points import experience_points
from cx_assets.experience_value.settings import ExperienceValueSettings
from orchestration.declaration.company import Company
from orchestration.warehouse.database import Warehouse


def _cohort(warehouse: Warehouse, kinds: str, most: int) -> pd.DataFrame:
    """Moments of the kinds; of a kind with more than `most`, those of customers drawn by the hash of their id."""
    return warehouse.frame(f"""
        with drawn as (
            select *, row_number() over (partition by moment_kind order by md5(customer_id), moment_date) as draw
            from intermediate.int_experience_value__cohort where moment_kind in ({kinds})
        )
        select * exclude (draw) from drawn where draw <= {most} order by customer_id, moment_kind, moment_date""")


def points_of(company: Company, warehouse: Warehouse) -> pd.DataFrame:
    """Rows of scores.experience_point."""
    settings = company.settings(ExperienceValueSettings)
    cohort = _cohort(warehouse, "'nps', 'csat'", settings.most_moments)
    return experience_points(cohort, minimum_customers=settings.minimum_customers)


def losses_of(company: Company, warehouse: Warehouse) -> pd.DataFrame:
    """Rows of scores.experience_loss."""
    settings = company.settings(ExperienceValueSettings)
    cohort = _cohort(warehouse, "'nps', 'csat', 'late_delivery', 'complaint'", settings.most_moments)
    return experience_losses(cohort, minimum_customers=settings.minimum_customers)
