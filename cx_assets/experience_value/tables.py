"""The tables of what experiences are worth; declared in tables.yml."""

from cx_assets.contracts.python_tables import tables_of

TABLES = tables_of("cx_assets.experience_value")
EXPERIENCE_POINT = TABLES["scores.experience_point"]
EXPERIENCE_LOSS = TABLES["scores.experience_loss"]
