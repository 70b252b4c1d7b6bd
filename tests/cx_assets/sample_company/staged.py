"""The CRM files as staging hands them on: the staging models' own mapping over the rows that landing would accept."""

import json
import re
from pathlib import Path

import duckdb
import pandas as pd
import yaml

FOLDER = Path(__file__).parents[3] / "data" / "companies" / "sample"
CONFIGURATION = yaml.safe_load((FOLDER / "company.yml").read_text(encoding="utf-8"))


def staged_records(files: Path) -> pd.DataFrame:
    """The newest version of every record in both CRM files, one row each, columns of the contract."""
    rows = pd.concat(
        [_mapped("stg_crm__customer_record", _csv(files, "contacts")), _mapped(*_service_crm(files))],
        ignore_index=True,
    )
    newest = rows.sort_values("updated_at", kind="stable").drop_duplicates("record_id", keep="last")
    return newest.sort_values("record_id", ignore_index=True)


def staged_merges(files: Path) -> list[tuple[str, str]]:
    """Merged record and the one that it was merged into, as the crm lists them."""
    merges = _mapped("stg_crm__record_merge", _csv(files, "merges"))
    return list(merges[["merged_record_id", "into_record_id"]].itertuples(index=False, name=None))


def _mapped(model: str, landed: pd.DataFrame) -> pd.DataFrame:
    """What a staging model makes of landed rows, before the contract is checked."""
    mapping = (FOLDER / "staging" / f"{model}.sql").read_text(encoding="utf-8").split("{{ conform")[0]
    mapping = re.sub(r"\{\{ source\(.*?\) \}\}", "landed", mapping).replace("{{ landing_columns() }}", "1 as landed")
    connection = duckdb.connect()
    connection.register("landed", landed)
    return connection.execute(f"{mapping} select * exclude (landed) from mapped").df()


def _csv(files: Path, table: str) -> pd.DataFrame:
    """Rows of a CRM table whose fields and timestamps can be read, times in UTC."""
    declared = CONFIGURATION["sources"]["crm"]["tables"][table]
    options = declared["options"]
    times = [name for name, kind in declared["columns"].items() if kind == "timestamp"]
    local = {name: f"try_strptime({name}, '{options['timestamp_format']}')" for name in times}
    zone = declared["time_zone"]
    read = ", ".join(f"timezone('UTC', timezone('{zone}', {time})) as {name}" for name, time in local.items())
    path = files / declared["path"].replace("*", "")
    return duckdb.sql(
        f"""select * replace ({read}) from read_csv('{path}', delim = ';', quote = '"', header = true,
            all_varchar = true, ignore_errors = true)
        where {" and ".join(f"{time} is not null" for time in local.values())}"""
    ).df()


def _service_crm(files: Path) -> tuple[str, pd.DataFrame]:
    """Model and rows of the service CRM, without lines that are no JSON or hold what the columns' types refuse."""
    rows = []
    for line in (files / "service_crm" / "persons.jsonl").read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            continue
        if not isinstance(row["opt_in"], str):
            rows.append(row)
    landed = pd.DataFrame(rows)
    for name in ("created_at", "updated_at"):
        landed[name] = pd.to_datetime(landed[name], errors="coerce")
    return "stg_service_crm__customer_record", landed.dropna(subset=["created_at", "updated_at"])
