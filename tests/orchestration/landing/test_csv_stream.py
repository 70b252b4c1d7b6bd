"""Stretches taken at once give the same records as the way record by record, wherever the stretches end."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.declaration.file_options import FileOptions
from orchestration.landing.formats import csv_stream
from orchestration.landing.formats.csv_stream import CsvStream, is_bytewise

VALUES = [
    "",
    "a",
    "Müller",
    '"b"',
    '"c,d"',
    '"e ""f"""',
    '""',
    '"g\nh"',
    '"i\r\n\r\nj"',
    " k ",
    '"l',
    'm"n',
    "o\rp",
    "\0",
]
LINES = st.lists(st.sampled_from(VALUES), min_size=1, max_size=3).map(",".join)
ORDINARY = st.sampled_from(["a,b", "Größe,1", '"x","y"', '"x ""y""",', ",", '"two\nlines",2'])
FILES = st.tuples(
    st.lists(st.one_of(ORDINARY, ORDINARY, ORDINARY, LINES), max_size=40),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
).map(lambda given: given[1].join(["p,q", *given[0]]) + (given[1] if given[2] else ""))


class Refusals:
    """Takes refused records as a quarantine does."""

    def __init__(self) -> None:
        self.rows: list[tuple[object, ...]] = []

    def add(self, *row: object) -> None:
        self.rows.append(row)


def read(path: Path, options: FileOptions) -> tuple[list[object], list[object], int, list[object]]:
    """Landed rows, refused rows, their number, and every record as it is found again."""
    stream, refusals = CsvStream(path, options), Refusals()
    landed = stream.reader(refusals).read_all().to_pylist()
    found = [stream.record_at(row) for row in range(1, stream.record_count + 1)]
    return landed, refusals.rows, stream.record_count, found


def both_ways(path: Path, options: FileOptions, large: int, small: int) -> tuple[object, object, int]:
    """What the stretches give, what the exact way gives, and how many stretches were taken at once."""
    taken = 0
    whole = CsvStream._whole

    def counted(self, stretch, *, is_last):
        nonlocal taken
        found = whole(self, stretch, is_last=is_last)
        taken += found is not None
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_stream, "LARGE_STRETCH", large)
        patch.setattr(csv_stream, "SMALL_STRETCH", small)
        patch.setattr(CsvStream, "_whole", counted)
        fast = read(path, options)
        patch.setattr(CsvStream, "_whole", lambda *_, **__: None)
        return fast, read(path, options), taken


@settings(max_examples=300, derandomize=True)
@given(
    content=FILES, large=st.integers(20, 200), small=st.integers(4, 20), encoding=st.sampled_from(["utf-8", "cp1252"])
)
def test_stretches_give_what_the_exact_way_gives(tmp_path_factory, content, large, small, encoding):
    path = tmp_path_factory.getbasetemp() / "generated.csv"
    path.write_bytes(content.encode(encoding))
    fast, exact, _ = both_ways(path, FileOptions(encoding=encoding), large, small)
    assert fast == exact


@pytest.mark.parametrize(
    "line",
    ["a,b\n", "Größe,1\n", '"x","y, z"\n', '"say ""hi""",\r\n', '"two\nlines",2\n', ",\n", "a,b\r\n"],
)
def test_ordinary_files_are_taken_at_once(tmp_path, line):
    path = tmp_path / "ordinary.csv"
    path.write_bytes(("p,q\n" + line * 100).encode())
    fast, exact, taken = both_ways(path, FileOptions(), 200, 50)
    assert taken > 0
    assert fast == exact
    assert fast[2] == 100
    assert [record.row for record in fast[3]] == list(range(1, 101))


@pytest.mark.parametrize(
    ("odd", "rule"), [("a\n", "csv_too_few_values"), ('"a,b\n', "csv_quote"), ("\udcff,1\n", "file_encoding")]
)
def test_one_odd_record_costs_a_small_stretch_only(tmp_path, odd, rule):
    path = tmp_path / "odd.csv"
    path.write_bytes(("p,q\n" + "a,b\n" * 500 + odd + "a,b\n" * 500).encode(errors="surrogateescape"))
    fast, exact, taken = both_ways(path, FileOptions(), 1000, 40)
    assert fast == exact
    assert [row[:3] for row in fast[1]] == [(501, 502, rule)]
    # Three large stretches, and all but one or two of the small ones that the fourth was cut into.
    assert taken >= 3 + 1000 // 40 - 2


@pytest.mark.parametrize(
    ("encoding", "delimiter", "expected"),
    [
        ("utf-8", ",", True),
        ("latin-1", ";", True),
        ("koi8-r", ",", True),
        ("utf-16", ",", False),
        ("shift_jis", "|", False),
        ("gbk", ",", False),
        ("utf-7", ",", False),
        ("cp037", ",", False),
        ("utf-8", "§", False),
    ],
)
def test_only_encodings_of_plain_bytes_are_cut_as_bytes(encoding, delimiter, expected):
    assert is_bytewise(FileOptions(encoding=encoding, delimiter=delimiter)) is expected
