"""The tables of lifetime value; declared in tables.yml."""

from cx_assets.contracts.python_tables import tables_of

TABLES = tables_of("cx_assets.lifetime_value")
CUSTOMER_LIFETIME = TABLES["scores.customer_lifetime"]
LIFETIME_MODEL = TABLES["scores.lifetime_model"]
