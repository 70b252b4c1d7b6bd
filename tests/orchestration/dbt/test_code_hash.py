"""The hash of what code does: words do not count, imported domain modules and their data do."""

import pytest

from orchestration.ground import code


@pytest.fixture
def house(tmp_path, monkeypatch):
    for name, text in {
        "cx_assets/__init__.py": "",
        "cx_assets/rules.py": '"""Words."""\n\ndef rule():\n    """More words."""\n    return 1\n',
        "cx_assets/other.py": "def rule():\n    return 2\n",
        "step.py": '"""A step."""\nfrom cx_assets.rules import rule\n',
    }.items():
        path = tmp_path / "house" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(code, "REPOSITORY", tmp_path / "house")
    monkeypatch.setattr(code.sys, "modules", {})
    return tmp_path / "house"


def hashed():
    for cached in (code.code_hash, code._file, code._tree, code._deeds):
        cached.cache_clear()
    return code.code_hash("step")


@pytest.mark.parametrize(
    ("name", "text", "is_same"),
    [
        ("step.py", "# a comment\nfrom cx_assets.rules import rule\n", True),
        ("cx_assets/rules.py", 'def rule():\n    """Others."""\n\n    return 1  # one\n', True),
        ("cx_assets/rules.py", "def rule():\n    return 3\n", False),
        ("cx_assets/other.py", "def rule():\n    return 4\n", True),
        ("cx_assets/tables.yml", "a: 1\n", False),
        ("step.py", "from cx_assets.other import rule\n", False),
    ],
)
def test_what_changes_the_hash(house, name, text, is_same):
    before = hashed()
    (house / name).write_text(text)
    assert (hashed() == before) is is_same
