"""Whom the sample company knows stands in its restricted files alone: not in what others read, keep or send on.

The names, addresses, telephones and e-mails are taken from the CRM files themselves, as typed there.
"""

import csv
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from tests.conftest import ROOT, company_environment
from tests.warm import run_cx

pytestmark = pytest.mark.slow

# Only these may hold personal data; each is readable by its owner alone.
PRIVATE = ("source", "landing", "quarantine", "warehouse", "history")
_WORD = re.compile(r"[^\W\d_][\w'-]*")
_NUMBER = re.compile(rb"\+?\d[\d \-/]{7,30}\d")
_BEFORE, _AFTER = re.compile(rb"[^\s\"'<>(),;:=|\\]+$"), re.compile(rb"[^\s\"'<>(),;:=|\\]+")
_LONGEST = 80


@pytest.fixture(scope="module")
def state(sample_state: Path) -> Path:
    return sample_state / "sample"


@pytest.fixture(scope="module")
def known(sample_state: Path) -> dict[str, set[str]]:
    """E-mails, telephones (digits alone) and whole names of everybody in both CRM files."""
    source = sample_state.parent / "source"
    found: dict[str, set[str]] = {"email": set(), "phone": set(), "name": set()}
    with (source / "crm" / "contacts.csv").open(encoding="utf-8") as file:
        people = [(row["email"], row["telefon"], row["vorname"], row["nachname"]) for row in _rows(file)]
    for line in (source / "service_crm" / "persons.jsonl").read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            people.append(tuple(row.get(name) for name in ("mail", "tel", "first_name", "last_name")))
    for email, phone, given, family in people:
        found["email"].add(str(email or "").strip().lower())
        found["phone"].add(re.sub(r"\D", "", str(phone or "")))
        if all(_WORD.fullmatch(str(part or "").strip()) for part in (given, family)) and len(given) + len(family) > 9:
            found["name"].add(f"{given.strip()} {family.strip()}")
    return {kind: {value for value in values if len(value) > 7} for kind, values in found.items()}


def _rows(file) -> Iterator[dict[str, str]]:
    for row in csv.DictReader(file, delimiter=";"):
        if None not in row and None not in row.values():
            yield row


def _told(text: bytes, known: dict[str, set[str]]) -> set[str]:
    """What of the known stands in a text."""
    numbers = {match.decode() for match in _NUMBER.findall(text)}
    found = {number for number in numbers if re.sub(r"\D", "", number) in known["phone"]}
    for at in (match.start() for match in re.finditer(b"@", text)):
        before = _BEFORE.search(text, max(0, at - _LONGEST), at)
        after = _AFTER.match(text, at + 1, at + 1 + _LONGEST)
        if before and after:
            email = f"{before[0].decode('utf-8', 'replace')}@{after[0].decode('utf-8', 'replace')}".lower()
            found |= {email} & known["email"]
    words = _WORD.findall(text.decode("utf-8", "replace"))
    return found | {f"{one} {next_one}" for one, next_one in pairwise(words)} & known["name"]


def test_the_search_finds_what_is_there(known, sample_state):
    assert {kind: len(values) > 1_000 for kind, values in known.items()} == dict.fromkeys(known, True)
    crm = (sample_state.parent / "source" / "crm" / "contacts.csv").read_bytes()
    assert len(_told(crm, known)) > 2_000
    name = min(known["name"])
    assert _told(f"so {name} said".encode(), known) == {name}


def test_the_general_publication_names_nobody(state, known):
    """Every text of every table; DuckDB's file itself is compressed."""
    with duckdb.connect(str(state / "published" / "current.duckdb"), read_only=True) as connection:
        columns = connection.execute(
            "select table_schema, table_name, column_name from information_schema.columns where data_type = 'VARCHAR'"
        ).fetchall()
        leaks = {}
        for schema, table, column in columns:
            rows = connection.execute(f'select distinct "{column}" from "{schema}"."{table}"').fetchall()
            text = "\n".join(value for (value,) in rows if value is not None)
            if told := _told(text.encode(), known):
                leaks[f"{schema}.{table}.{column}"] = sorted(told)[:3]
    assert len(columns) > 100
    assert leaks == {}


def test_no_file_that_others_read_names_anybody(state, known):
    """Logs, events, dbt's artefacts, definitions of metrics, report and documentation, cards of models, snapshots."""
    leaks, searched = {}, []
    for path in sorted(state.rglob("*")):
        place = path.relative_to(state)
        if not path.is_file() or path.is_symlink() or place.parts[0] in PRIVATE or "restricted" in place.parts:
            continue
        searched.append(place.as_posix())
        if told := _told(path.read_bytes(), known):
            leaks[place.as_posix()] = sorted(told)[:3]
    documentation = ("docs/index.html", "docs/lineage.html", "docs/manifest.json", "docs/lineage.json")
    for needed in ("report.html", "semantic_manifest.json", "manifest.json", "runs.db", "card.json", *documentation):
        assert any(name.endswith(needed) for name in searched), needed
    assert leaks == {}


def test_the_private_folders_are_their_owner_s_alone(state):
    restricted = (state / "published" / "current").resolve() / "restricted"
    for folder in (state / "quarantine", state / "history", state / "published" / "restricted", restricted):
        assert folder.stat().st_mode & 0o077 == 0, folder


def test_what_commands_print_and_write_names_nobody(sample_state, known, tmp_path):
    environment = company_environment(
        ROOT / "data" / "companies" / "sample", sample_state.parent / "source", sample_state
    )
    exported = tmp_path / "by_country.csv"
    for command in (["status"], ["metric", "list"], ["metric", "NPS", "--by", "touchpoint", "--out", str(exported)]):
        done = run_cx(*command, environment=environment)
        assert done.returncode == 0, done.stderr
        assert _told((done.stdout + done.stderr).encode(), known) == set()
    assert exported.stat().st_size > 0
    assert _told(exported.read_bytes(), known) == set()
