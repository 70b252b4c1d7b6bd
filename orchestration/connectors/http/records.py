"""Records of an API's answer become rows: nested objects dotted names, an exploded list one row per element.

A record that gives no row is refused with its reason or counted; none vanishes. Pages are read in `pages`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from orchestration.connectors.http.answers import TwiceGiven, written
from orchestration.connectors.refusals import marked
from orchestration.declaration.tables import LandingTable


class _RefusedError(ValueError):
    """A record cannot become a row; the message is the rule."""


@dataclass
class RecordRows:
    """Turns records of one table into lines of JSON.

    Attributes:
        table: The table.
        record_count: Records so far.
        row_count: Lines so far, refused ones included.
        empty_count: Records whose exploded list is empty, null or absent.
        absent_count: Those of them that have no such field at all.
    """

    table: LandingTable
    record_count: int = 0
    row_count: int = 0
    empty_count: int = 0
    absent_count: int = 0

    def lines(self, record: Any) -> Iterator[str]:
        """Lines of a record, each with its line break."""
        self.record_count += 1
        try:
            rows = [_line(row) for row in self._rows(record)]
        except _RefusedError as refused:
            rows = [marked(str(refused), written(record))]
        if not rows:
            self.empty_count += 1
        self.row_count += len(rows)
        for row in rows:
            yield row + "\n"

    def names(self, record: Any) -> list[str]:
        """Fields of a record's rows."""
        try:
            return [name for row in self._rows(record) if isinstance(row, dict) for name in row]
        except _RefusedError:
            return []

    def _rows(self, record: Any) -> Iterator[Any]:
        explode = self.table.table.explode
        if not isinstance(record, dict):
            yield record  # no object: the landing refuses the line
        elif explode is None:
            yield self._flat(record)
        else:
            yield from self._exploded(record, explode)

    def _exploded(self, record: dict[str, Any], explode: str) -> Iterator[dict[str, Any]]:
        path = spelled(record, explode.split("."))
        elements = self._elements(record, path)
        outer = self._flat(_without(record, path))
        counter = f"{explode}.{self.table.table.explode_position or 'position'}"
        is_counted = self.table.table.explode_position is not None or self._is_declared(counter)
        for position, element in enumerate(elements, start=1):
            inner = self._flat(element if isinstance(element, dict) else {"value": element}, f"{explode}.")
            if counter in inner:
                # No table declares the counter: the field of that name is the element's own.
                if is_counted:
                    raise _RefusedError("explode_position")
                row = inner
            else:
                row = {counter: position, **inner}
            if outer.keys() & row.keys():
                raise _RefusedError("json_name_twice")
            yield {**outer, **row}

    def _elements(self, record: dict[str, Any], path: list[str]) -> list[Any]:
        value: Any = record
        for name in path:
            if not isinstance(value, dict) or name not in value:
                self.absent_count += 1
                return []
            value = value[name]
        if value is None:
            return []
        if isinstance(value, list):
            return value
        if not isinstance(value, dict):
            raise _RefusedError("explode_no_list")
        if self.table.table.explode_key is not None:
            return list(self._keyed(value, self.table.table.explode_key))
        if len(value) and all(isinstance(inner, dict) for inner in value.values()):
            raise _RefusedError("explode_keyed")
        # An API that leaves the brackets out where there is one element.
        return [value] if value else []

    def _keyed(self, value: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
        for key, inner in value.items():
            element = inner if isinstance(inner, dict) else {"value": inner}
            if isinstance(value, TwiceGiven):
                raise _RefusedError("json_key_twice")
            if name in element:
                raise _RefusedError("json_name_twice")
            yield {name: key, **element}

    def _is_declared(self, header: str) -> bool:
        columns = self.table.table.columns
        return any((column.source_name or name) == header for name, column in columns.items())

    def _flat(self, record: dict[str, Any], prefix: str = "") -> dict[str, Any]:
        if isinstance(record, TwiceGiven):
            raise _RefusedError("json_key_twice")
        flat: dict[str, Any] = {}
        for name, value in record.items():
            dotted = f"{prefix}{name}"
            if isinstance(value, dict) and dotted not in self.table.table.keep_json:
                found = self._flat(value, f"{dotted}.")
            else:
                _check(value)
                found = {dotted: value}
            if flat.keys() & found.keys():
                raise _RefusedError("json_name_twice")
            flat |= found
        return flat


def _line(row: Any) -> str:
    return marked("json_no_number", written(row)) if _has_no_number(row) else written(row)


def _without(record: dict[str, Any], path: list[str]) -> dict[str, Any]:
    """The record less one field, which may be nested."""
    name, *rest = path
    if isinstance(record, TwiceGiven) or name not in record:
        return record
    if not rest:
        return {key: value for key, value in record.items() if key != name}
    inner = record[name]
    return {**record, name: _without(inner, rest)} if isinstance(inner, dict) else record


def spelled(record: Any, path: list[str]) -> list[str]:
    """The path as the record spells it, in this case or another; as it is where the record has none."""
    found = []
    for name in path:
        keys = record if isinstance(record, dict) else {}
        name = name if name in keys else next((key for key in keys if key.casefold() == name.casefold()), name)
        found.append(name)
        record = keys.get(name)
    return found


def _check(value: Any) -> None:
    """Refuse a kept value that gives a key twice somewhere within."""
    if isinstance(value, TwiceGiven):
        raise _RefusedError("json_key_twice")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check(inner)


def _has_no_number(value: Any) -> bool:
    """Whether NaN or an infinity stands somewhere; all other fractions are Decimals."""
    if isinstance(value, dict):
        return any(_has_no_number(inner) for inner in value.values())
    return isinstance(value, float) or (isinstance(value, list) and any(map(_has_no_number, value)))
