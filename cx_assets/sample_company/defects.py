"""Broken rows: spoilt copies of good rows, whose loss changes nothing, and held rows, of which no good one exists."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cx_assets.sample_company.columns import joined, whole
from cx_assets.sample_company.timeline import stream

Spoiler = Callable[[str], str]
_LINES_TO_A_HELD_ONE = 6


class Defects:
    """Adds broken rows and counts them: `counts[table][kind]` and `rows[table]` (all rows, broken ones included)."""

    def __init__(self, seed: int, share: float) -> None:
        self._seed, self._share = seed, share
        self.counts: dict[str, Counter[str]] = {}
        self.rows: Counter[str] = Counter()
        self._calls: Counter[str] = Counter()
        self._due: defaultdict[str, float] = defaultdict(float)
        self.held: list[tuple[str, str, str]] = []

    def _pick(self, table: str, count: int) -> tuple[np.random.Generator, NDArray[np.int64]]:
        """Rows to spoil: the stated share, the fraction of a row left to chance."""
        rng = stream(self._seed, f"defects {table}", self._calls[table])
        self._calls[table] += 1
        wanted = count * self._share
        broken = min(count, int(wanted) + int(rng.random() < wanted % 1))
        self.rows[table] += count + broken
        return rng, rng.choice(count, broken, replace=False)

    def lines(self, table: str, lines: pa.Array, kinds: dict[str, Spoiler]) -> pa.Array:
        """Text lines with spoilt copies put in at random places."""
        rng, picked = self._pick(table, len(lines))
        names = list(kinds)
        chosen = rng.integers(0, len(names), len(picked))
        spoilt = [
            kinds[names[kind]](line)
            for kind, line in zip(chosen, lines.take(pa.array(picked)).to_pylist(), strict=True)
        ]
        self._count(table, [names[kind] for kind in chosen])
        places = np.concatenate([np.arange(len(lines)), rng.random(len(picked)) * len(lines)])
        both = pa.concat_arrays([lines, pa.array(spoilt, pa.string())])
        return both.take(pa.array(np.argsort(places, kind="stable")))

    def hold(
        self,
        table: str,
        lines: pa.Array,
        keys: pa.Array,
        candidates: NDArray[np.int64],
        share: float,
        kinds: dict[str, Spoiler],
    ) -> pa.Array:
        """Text lines of which a share is spoilt in its place: only the quarantine will hold what they say.

        Every one is remembered in `held` (table, key, kind) and counted among the broken rows as `held_<kind>`. The
        share holds over all calls for a table, never by chance more; a file of a few lines keeps them all, since one
        with mostly spoilt lines is another fault, which stops a run.

        Args:
            table: Name to count under.
            lines: Good lines of a file.
            keys: Their keys.
            candidates: Positions of the lines that stand in no other file.
            share: Of the lines.
            kinds: Name of the defect -> what it does to a line.
        """
        rng = stream(self._seed, f"held {table}", self._calls[f"held {table}"])
        self._calls[f"held {table}"] += 1
        texts, names = lines.to_pylist(), list(kinds)
        self._due[table] += share * len(texts)
        count = min(int(self._due[table]), len(texts) // _LINES_TO_A_HELD_ONE, len(candidates))
        self._due[table] -= count
        for place in np.sort(rng.choice(candidates, count, replace=False)):
            kind = names[rng.integers(0, len(names))]
            texts[place] = kinds[kind](texts[place])
            self.held.append((table, keys[int(place)].as_py(), kind))
            self._count(table, [f"held_{kind}"])
        return pa.array(texts, pa.string())

    def held_truth(self) -> pa.Table:
        """One row per held row: table, key, kind."""
        rows = sorted(self.held)
        names = ("table", "key", "kind")
        return pa.table({name: pa.array([row[place] for row in rows], pa.string()) for place, name in enumerate(names)})

    def rows_of(
        self, table: str, rows: pa.Table, local: NDArray[np.int64], key: str, kinds: dict[str, dict[str, pa.Scalar]]
    ) -> tuple[pa.Table, NDArray[np.int64]]:
        """Table rows with spoilt copies at the end.

        Args:
            table: Name to count under.
            rows: Good rows.
            local: Event time of each row, returned with the copies' times.
            key: Text column whose value gets an `X`, so that no copy replaces a good row.
            kinds: Name of the defect -> the columns it spoils and the values put there.
        """
        rng, picked = self._pick(table, rows.num_rows)
        names = list(kinds)
        chosen = rng.integers(0, len(names), len(picked))
        parts, times = [rows], [local]
        for kind, name in enumerate(names):
            mine = picked[chosen == kind]
            copy = rows.take(pa.array(mine))
            copy = _with(copy, key, joined(whole(copy[key]), "X"))
            for column, value in kinds[name].items():
                copy = _with(copy, column, pa.array([value.as_py()] * len(mine), value.type))
            parts.append(copy.cast(rows.schema))
            times.append(local[mine])
            self._count(table, [name] * len(mine))
        return pa.concat_tables(parts), np.concatenate(times)

    def _count(self, table: str, names: Sequence[str]) -> None:
        self.counts.setdefault(table, Counter()).update(names)


def _with(table: pa.Table, column: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.schema.get_field_index(column), column, values)


def cut_off(line: str) -> str:
    """The first half of a line, as a transfer leaves it that broke off; an open quote would swallow good lines."""
    return line[: max(1, len(line) // 2)].replace('"', "")


def surplus_fields(line: str) -> str:
    """A CSV line with fields too many: somebody typed the separator into a note."""
    return line + ";siehe Notiz;--"


def replaced(position: int, text: str) -> Spoiler:
    """A spoiler that puts `text` into one field of a CSV line without quoted separators."""

    def spoil(line: str) -> str:
        fields = line.split(";")
        fields[position] = text
        return ";".join(fields)

    return spoil


def json_value(name: str, text: str) -> Spoiler:
    """A spoiler that puts `text` (JSON) in place of a field's value; the field must not be the last."""

    def spoil(line: str) -> str:
        head, tail = line.split(f'"{name}":', 1)
        return f'{head}"{name}":{text},{tail.split(",", 1)[1]}'

    return spoil


def renumbered(spoil: Spoiler, number: str) -> Spoiler:
    """A spoiler that also puts an `X` before the number that begins with `number`, so that no copy replaces a row."""

    def spoil_both(line: str) -> str:
        return spoil(line).replace(number, "X" + number, 1)

    return spoil_both
