"""The tables of feedback; declared in tables.yml."""

from cx_assets.contracts.python_tables import tables_of

TABLES = tables_of("cx_assets.feedback")
ANSWER_WEIGHT = TABLES["scores.answer_weight"]
ANSWER_MODEL = TABLES["scores.answer_model"]
