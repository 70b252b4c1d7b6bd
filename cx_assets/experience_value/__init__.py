"""What satisfaction is worth: what customers did after good and bad experiences, comparable ones beside them.

Public interface:
    points.experience_points(cohort, *, minimum_customers=50) -> scores.experience_point rows
    losses.experience_losses(cohort, *, minimum_customers=50) -> scores.experience_loss rows
    tables.EXPERIENCE_POINT, tables.EXPERIENCE_LOSS: the declared tables

The cohort is made in SQL (int_experience_value__cohort). All differences are associations.
"""
