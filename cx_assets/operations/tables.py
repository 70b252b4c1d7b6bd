"""The tables of what a run reads; declared in tables.yml."""

from cx_assets.contracts.python_tables import tables_of

TABLES = tables_of("cx_assets.operations")
SNAPSHOT = TABLES["run.snapshot"]
LOAD = TABLES["run.load"]
QUARANTINE_REASON = TABLES["run.quarantine_reason"]
DEFAULTED_VALUE = TABLES["run.defaulted_value"]
SOURCE_STATEMENT = TABLES["run.source_statement"]
FEED = TABLES["run.feed"]
