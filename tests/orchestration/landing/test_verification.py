"""Every flipped bit and every cut of a landed, refused or manifest file is found before anything is made of it."""

from __future__ import annotations

import random

import pytest

from orchestration.ground.durable import DamagedStateError, read_document, set_aside, write_document
from orchestration.landing.loads.manifests import current_parts, read_manifests
from orchestration.landing.loads.verification import damaged_files, verify_files
from tests.orchestration.damage import damages

GOOD = "contact_id,amount\nc1,1.50\nc2,2.50\n,3\n"


def look(shop):
    """What a run does with landings before it reads them."""
    verify_files(current_parts(read_manifests(shop.workspace)), shop.workspace)


@pytest.fixture
def landed(make_shop):
    shop = make_shop()
    shop.write("contacts.csv", GOOD)
    shop.land()
    return shop


@pytest.mark.parametrize("kind", ["landing/crm__contacts", "quarantine", "landing/manifests"])
def test_every_cut_and_every_flipped_bit_is_found_with_file_and_remedy(landed, kind):
    (path,) = [found for found in (landed.workspace.state_dir / kind).rglob("*") if found.is_file()]
    look(landed)
    whole = path.read_bytes()
    count = 0
    for damaged in damages(whole, random.Random(7)):
        path.write_bytes(damaged)
        with pytest.raises(DamagedStateError, match=rf"{path.name} .*delete (it|.*00000001\.json)"):
            look(landed)
        count += 1
    assert count == 66
    path.write_bytes(whole)
    look(landed)


def test_doctor_names_every_damaged_file_and_the_manifest_to_delete_lands_it_anew(landed):
    landed.write("contacts_2.csv", "contact_id,amount\nc3,3\n")
    landed.land()
    first, second = landed.manifests()
    rows = landed.rows("contact_id, amount")
    for load in (first, second):
        path = landed.workspace.state_dir / load.parts[0].landed.path
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    sentences = damaged_files(landed.manifests(), landed.workspace)
    assert len(sentences) == 2
    assert "the next run lands its source files again" in sentences[0]
    for load in (first, second):
        (landed.workspace.manifests_dir / f"{load.sequence:08d}.json").unlink()
    landed.land()
    look(landed)
    assert sorted(landed.rows("contact_id, amount")) == sorted(rows)


def test_a_file_is_hashed_again_once_it_was_touched(landed):
    look(landed)
    path = landed.workspace.state_dir / landed.manifests()[0].parts[0].landed.path
    content = path.read_bytes()
    path.write_bytes(bytes(len(content)))
    with pytest.raises(DamagedStateError, match="is damaged"):
        look(landed)
    path.write_bytes(content)
    look(landed)


def test_a_document_is_as_it_was_written_to_the_byte(tmp_path):
    path = tmp_path / "a" / "record.json"
    written = {"share": 1e-05, "name": "Müller", "list": [1, None, True]}
    write_document(path, written)
    assert read_document(path, "mend it") == written
    whole = path.read_bytes()
    for position in range(len(whole)):
        for bit in range(8):
            damaged = bytearray(whole)
            damaged[position] ^= 1 << bit
            path.write_bytes(damaged)
            with pytest.raises(DamagedStateError, match="mend it"):
                read_document(path, "mend it")
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(DamagedStateError):
            read_document(path, "mend it")
    write_document(path, {"share": 2})
    assert read_document(path, "mend it") == {"share": 2}


def test_what_is_set_aside_stays_beside_under_names_of_their_own(tmp_path):
    path = tmp_path / "cx.duckdb"
    for number in (1, 2):
        path.write_text(str(number))
        assert set_aside(path).name == f"cx.duckdb.damaged-{number}"
    assert sorted((found.name, found.read_text()) for found in tmp_path.iterdir()) == [
        ("cx.duckdb.damaged-1", "1"),
        ("cx.duckdb.damaged-2", "2"),
    ]
