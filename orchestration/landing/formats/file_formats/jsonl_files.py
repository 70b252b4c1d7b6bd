"""JSON Lines: one object a line, each with the keys that it has."""

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from orchestration.connectors.refusals import MARK
from orchestration.declaration.tables import LandingTable
from orchestration.ground.sql_text import literal, literal_path
from orchestration.landing.formats import records
from orchestration.landing.formats.casting import RawColumn
from orchestration.landing.formats.columns import match_columns, one_spelling
from orchestration.landing.formats.raw_rows import as_utf8, reconciled_names, text_rows
from orchestration.landing.formats.reading import LINE_LIMIT, Format, RawRows, Reading, checked
from orchestration.landing.formats.records import LINE_DELIMITER, Record
from orchestration.landing.quarantine.refused_file import Quarantine


class JsonlFormat(Format):
    """JSON Lines."""

    def header(
        self, engine: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, source_file: str
    ) -> list[str] | None:
        """None: an object names its own fields."""
        return None

    def read(
        self,
        engine: duckdb.DuckDBPyConnection,
        item: LandingTable,
        path: Path,
        source_file: str,
        scratch: Path,
        quarantine: Quarantine,
    ) -> Reading:
        """Keys of all objects become columns; what is no object goes to quarantine."""
        options = item.table.options
        quarantine.encoding = records.byte_encoding_of(path, options)

        def read() -> Iterator[Record]:
            return records.json_records(path, options)

        clean = scratch / "records.jsonl"
        count = checked(lambda: _write_clean(read(), clean, quarantine), item, source_file)
        lines = _read_lines(clean)
        valid = "case when json_valid(_line) then _line end"  # `and` does not guard
        is_object = f"coalesce(json_type({valid}) = 'OBJECT', false)"
        # The lines of a file have few shapes; to look at each line's names once more would double the time.
        names = engine.execute(
            f"with shape as (select distinct json_keys(case when {is_object} then _line end) as names from {lines})"
            " select name, bool_or(is_repeated) from (select unnest(names) as name,"
            " len(names) > len(list_distinct(names)) as is_repeated from shape) group by name order by name"
        ).fetchall()
        if any(is_repeated for _, is_repeated in names):
            is_object += f" and len(json_keys({valid})) = len(list_distinct(json_keys({valid})))"
        keys = [name for name, _ in names]
        pointers = ", ".join(literal("/" + key.replace("~", "~0").replace("/", "~1")) for key in keys)
        values = f"json_extract_string(case when {is_object} then _line end, [{pointers}])" if keys else "null"
        relation = f"(select _row, ({is_object}) as _is_object, {values} as _values from {lines})"
        spellings = one_spelling(item, keys)
        raw_values, unlike = _merged(keys, spellings)
        columns = match_columns(item, source_file, list(spellings), raw_values, absent_is_null=True)
        return Reading(
            relation,
            "cast(_row as bigint)",
            columns,
            lambda: count,
            malformed=" or ".join(["_is_object is not true", *unlike]),
            record_at=_in_order(read),
        )

    def reread(
        self, engine: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, scratch: Path, zone: str
    ) -> Iterator[RawRows]:
        """By the engine, line by line."""
        text = as_utf8(path, item.table.options.encoding, scratch)
        lines = (
            f"read_csv({literal(literal_path(text))}, auto_detect=false, header=false, delim='\\x02', quote='',"
            f" escape='', columns={{'line': 'VARCHAR'}}, {LINE_LIMIT})"
        )
        # What a connector refused has a mark before its text; its day and key may be readable all the same.
        text_sql = f"regexp_replace(line, {literal(f'^{MARK}[a-z_]+{MARK}')}, '')"
        told = f"(select {text_sql} as line from {lines} where trim(line) <> '')"
        relation = f"(select case when json_valid(line) then line end as line from {told})"
        columns = []
        spelled = [column.source_name or name for name, column in item.table.columns.items()]
        for name in reconciled_names(item):
            header = item.table.columns[name].source_name or name
            raw = _json_value(header, spelled)
            nulls = item.table.nulls_of(name)
            columns.append(RawColumn(name, item.table.columns[name].type, header, raw, "VARCHAR", nulls=nulls))
        yield text_rows(engine, item, relation, columns, zone)


def _merged(keys: list[str], spellings: dict[str, list[str]]) -> tuple[list[tuple[str, str]], list[str]]:
    """SQL of each header's value, whichever spelling a record uses; and what is TRUE where two spellings differ."""
    positions = {key: position for position, key in enumerate(keys, start=1)}
    raw_values, unlike = [], []
    for group in spellings.values():
        found = [f"_values[{positions[key]}]" for key in group]
        raw_values.append((f"coalesce({', '.join(found)})" if len(found) > 1 else found[0], "VARCHAR"))
        unlike += [f"{one} <> {other}" for n, one in enumerate(found) for other in found[n + 1 :]]
    return raw_values, unlike


def _json_value(header: str, spelled: list[str]) -> str:
    """SQL of a field's value, also where a line spells its key in another case that no other column has."""
    pointer = "/" + header.replace("~", "~0").replace("/", "~1")
    exact = f"json_extract_string(line, {literal(pointer)})"
    if sum(other.casefold() == header.casefold() for other in spelled) > 1:
        return exact
    keys = f"list_filter(json_keys(line), lambda key: lower(key) = {literal(header.lower())})"
    escaped = f"replace(replace({keys}[1], '~', '~0'), '/', '~1')"
    return f"coalesce({exact}, json_extract_string(line, '/' || {escaped}))"


def _in_order(read: Callable[[], Iterator[Record]]) -> Callable[[int], Record | None]:
    found: list[Iterator[Record]] = []

    def record_at(row: int) -> Record | None:
        if not found:
            found.append(read())
        return next((record for record in found[0] if record.row == row), None)

    return record_at


def _write_clean(source: Iterator[Record], clean: Path, quarantine: Quarantine) -> int:
    count = 0
    with clean.open("w", encoding="utf-8", newline="") as file:
        for record in source:
            count += 1
            if record.problem is None:
                file.write(f"{record.row}{LINE_DELIMITER}{record.raw}\n")
            else:
                quarantine.add(record.row, record.line, *record.problem, record.raw)
    return count


def _read_lines(path: Path) -> str:
    return (
        f"read_csv({literal(literal_path(path))}, auto_detect=false, header=false, nullstr='',"
        f" delim={literal(LINE_DELIMITER)}, quote='', escape='', new_line='\\n',"
        f" columns={{'_row': 'VARCHAR', '_line': 'VARCHAR'}}, strict_mode=true, {LINE_LIMIT})"
    )
