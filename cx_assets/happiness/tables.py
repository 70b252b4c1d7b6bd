"""The tables of happiness; declared in tables.yml."""

from cx_assets.contracts.python_tables import tables_of

TABLES = tables_of("cx_assets.happiness")
SATISFACTION_DRIVER = TABLES["scores.satisfaction_driver"]
HAPPINESS_WEIGHT = TABLES["scores.happiness_weight"]
HAPPINESS_INDEX = TABLES["scores.happiness_index"]
CUSTOMER_HAPPINESS = TABLES["scores.customer_happiness"]
