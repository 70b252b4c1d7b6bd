"""A frame written to a table of the warehouse's engine and read back."""

import duckdb
import pandas as pd


def through(frame: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    connection = duckdb.connect()
    connection.execute(f"create table t ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
    connection.register("frame", frame)
    connection.execute(f"insert into t select {', '.join(columns)} from frame")
    return connection.execute("select * from t").df()
