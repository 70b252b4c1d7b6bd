"""The tables of segments; declared in tables.yml."""

from cx_assets.contracts.python_tables import tables_of

TABLES = tables_of("cx_assets.segments")
CUSTOMER_RFM = TABLES["scores.customer_rfm"]
