"""Broken text files of any make: every record lands or is refused with its place and text, and lands once.

What stands in a generated file is told by a second reader (`accounting`), written from the rules.
"""

from __future__ import annotations

import itertools
import json
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.landing.formats import csv_stream
from tests.orchestration.landing.accounting import (
    COLUMNS,
    REQUIRED,
    Found,
    check_all_accounted,
    csv_records,
    decoded,
    json_records,
)
from tests.orchestration.landing.conftest import NOW, Shop

ENCODINGS = ["utf-8"] * 6 + ["utf-8-sig", "cp1251", "cp1252", "latin-1", "ascii", "cp932", "gb18030"]
ENCODINGS += ["utf-16", "utf-16-le", "utf-16-be", "utf-32"]
SIGNS = ["é", "Ж", "€", "ß", "表", "😀", "שלום", "\u202e", "\u2028", "\x85", "\xa0"]
PIECES = [*"ab19.-+ ,;|\t\"'\n\r\0=@%\\", *SIGNS]
NUMBERS = ["1", "-2.50", "+.5", " 7 ", "", "1,50", "1.005", "abc", "12.340", "0x1", "1_0"]
BREAKS = ["\n", "\r\n", "\r"]
BAD_BYTES = [b"\x00", b"\x81", b"\xff", b'"', b"\n", b"\r", b"\xd8", b"\xc3", b",", b"\xef\xbb\xbf"]
PIECE = st.text(alphabet=st.sampled_from("ab1"), max_size=3) | st.lists(st.sampled_from(PIECES), max_size=5).map(
    "".join
)
SETTINGS = partial(
    settings,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
counter = itertools.count()


def written(fields: list[str], delimiter: str, quote: str) -> str:
    """A row as a careful writer writes it."""
    if quote:
        fields = [quote + field.replace(quote, quote * 2) + quote for field in fields]
    return delimiter.join(fields)


@st.composite
def csv_bodies(draw: st.DrawFn, delimiter: str, quote: str) -> str:
    """Rows well written, badly written, ragged, blank, and stretches without any sense, with line ends mixed."""
    lines = []
    for kind in draw(
        st.lists(st.sampled_from(["good", "good", "plain", "ragged", "noise", "open", "blank"]), max_size=9)
    ):
        fields = [draw(PIECE), draw(st.sampled_from(NUMBERS)), draw(PIECE)]
        if kind == "good":
            lines.append(written(fields, delimiter, quote))
        elif kind == "plain":
            lines.append(delimiter.join(fields))
        elif kind == "ragged":
            lines.append(delimiter.join(draw(st.lists(PIECE, min_size=1, max_size=5))))
        elif kind == "open":
            lines.append(f"{quote}{delimiter.join(fields)}")
        else:
            lines.append("" if kind == "blank" else draw(PIECE) + draw(PIECE))
    return "".join(line + draw(st.sampled_from(BREAKS)) for line in lines)


@st.composite
def damaged(draw: st.DrawFn, body: str, encoding: str) -> bytes:
    """The body in an encoding, bytes in it replaced, added or cut off."""
    plain = {"utf-16": "utf-16-le", "utf-32": "utf-32-le", "utf-8-sig": "utf-8"}.get(encoding, encoding)
    content = body.encode(plain, "ignore")
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        place = draw(st.integers(0, len(content)))
        cut = draw(st.integers(0, 2))
        content = content[:place] + draw(st.sampled_from(BAD_BYTES)) + content[place + cut :]
    return content[: draw(st.integers(0, len(content)))] if draw(st.booleans()) else content


@st.composite
def csv_files(draw: st.DrawFn) -> tuple[dict[str, str], list[bytes]]:
    """Options, and files written by them as well as it gets."""
    delimiter = draw(st.sampled_from(",,;\t|"))
    quote = draw(st.sampled_from(['"', '"', '"', "'", ""]))
    encoding = draw(st.sampled_from(ENCODINGS))
    files = []
    for _ in range(draw(st.integers(1, 4))):
        header = (delimiter.join(COLUMNS) + draw(st.sampled_from(BREAKS))).encode(encoding)
        mark = b"\xef\xbb\xbf" if encoding == "utf-8" and draw(st.booleans()) else b""
        files.append(mark + header + draw(damaged(draw(csv_bodies(delimiter, quote)), encoding)))
    return {"delimiter": delimiter, "quote": quote, "encoding": encoding}, files


def check_landing_is_whole(shop: Shop, files: list[bytes], read: Callable[[bytes], list[Found]]) -> None:
    """Land the files; look at every record; look again, touch, copy and grow them."""
    paths = [shop.write(f"contacts-{number}.txt", content) for number, content in enumerate(files)]
    shop.land()
    once: dict[bytes, str] = {}
    for path, content in zip(paths, files, strict=True):
        once.setdefault(content, path.name)
    expected = {name: read(content) for content, name in once.items()}
    check_all_accounted(shop, expected)
    shop.write("contacts-9.txt", files[0])
    os.utime(paths[-1], ns=(1, 1))
    assert shop.land(NOW + timedelta(days=1)).status == "unchanged"
    assert [load.sequence for load in shop.manifests()] == [1]
    check_all_accounted(shop, expected)


@contextmanager
def stretches_of(large: int, small: int) -> Iterator[None]:
    """Files of a few lines end stretches as files of gigabytes do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_stream, "LARGE_STRETCH", large)
        patch.setattr(csv_stream, "SMALL_STRETCH", small)
        yield


@SETTINGS(max_examples=120)
@given(chosen=csv_files(), large=st.sampled_from([1 << 23, 200, 60]))
def test_every_byte_of_any_csv_lands_or_is_refused(
    tmp_path: Path, chosen: tuple[dict[str, str], list[bytes]], large: int
) -> None:
    options, files = chosen
    table = {"description": "Contacts.", "path": "contacts*.txt", "format": "csv", "required": REQUIRED}
    shop = Shop(tmp_path / str(next(counter)), {**table, "columns": COLUMNS, "options": options})

    def read(content: bytes) -> list[Found]:
        text = decoded(content, options["encoding"])
        return list(csv_records(text, options["encoding"], options["delimiter"], options["quote"]))

    with stretches_of(large, large // 4):
        check_landing_is_whole(shop, files, read)


JSON_VALUES = st.sampled_from([None, "x", "", "7", 1, 2.5, -3, "1,5", "no number", "1.005"])


@st.composite
def json_lines(draw: st.DrawFn) -> str:
    """Objects, other JSON, halves of objects and noise, with line ends mixed."""
    lines = []
    for kind in draw(st.lists(st.sampled_from(["good", "good", "half", "other", "noise", "blank"]), max_size=9)):
        text = draw(PIECE)
        record = {"contact_id": text, "amount": draw(JSON_VALUES), "note": draw(PIECE)}
        good = json.dumps(record, ensure_ascii=draw(st.booleans()))
        others = {"half": good[: len(good) // 2], "other": json.dumps([text]), "noise": text, "blank": " "}
        lines.append(others.get(kind, good))
    return "".join(line + draw(st.sampled_from(BREAKS)) for line in lines)


@SETTINGS(max_examples=60)
@given(data=st.data(), encoding=st.sampled_from(ENCODINGS))
def test_every_byte_of_any_json_lines_lands_or_is_refused(tmp_path: Path, data: st.DataObject, encoding: str) -> None:
    table = {"description": "Contacts.", "path": "contacts*.txt", "format": "jsonl", "required": REQUIRED}
    shop = Shop(tmp_path / str(next(counter)), {**table, "columns": COLUMNS, "options": {"encoding": encoding}})
    files = []
    for _ in range(data.draw(st.integers(1, 4))):
        # A first line, so that no damage looks like a byte order mark, which refuses the file as a whole.
        first = '{"contact_id": "first"}\n'.encode(encoding)
        files.append(first + data.draw(damaged(data.draw(json_lines()), encoding)))
    check_landing_is_whole(shop, files, lambda content: list(json_records(decoded(content, encoding), encoding)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_every_byte_of_a_large_csv_lands_or_is_refused(tmp_path: Path, encoding: str) -> None:
    """Megabytes, so that whatever reads by blocks meets a broken record at the edge of one."""
    chosen = random.Random(11)
    noise = ['"open,1,x', 'c"d,2,x', '"a"b,3,x', "one", "a,b,c,d", ",1,x", "n,1.005,x", "", "z\0,4,x", '"l\r\nm",5,""']
    rows = [
        chosen.choice(noise) if chosen.random() < 0.02 else f'k{n},{n % 900}.25,"Größe ""{n}"", 表 {"x" * (n % 60)}"'
        for n in range(60_000)
    ]
    body = "".join(row + chosen.choice(BREAKS) for row in rows)
    content = (",".join(COLUMNS) + "\n" + body).encode(encoding)
    shop = Shop(
        tmp_path,
        {
            "description": "Contacts.",
            "path": "contacts*.txt",
            "format": "csv",
            "required": REQUIRED,
            "columns": COLUMNS,
            "options": {"encoding": encoding},
        },
    )
    shop.write("contacts.txt", content)
    with stretches_of(1 << 17, 1 << 11):
        shop.land()
    found = check_all_accounted(
        shop, {"contacts.txt": list(csv_records(decoded(content, encoding), encoding, ",", '"'))}
    )
    assert found["landed"] > 55_000
    assert set(found) == {
        "landed",
        "csv_quote",
        "csv_too_few_values",
        "csv_too_many_values",
        "contact_id_required",
        "amount_type",
    }
