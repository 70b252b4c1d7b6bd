"""YAML as it is written: by hand, what each value looks like."""

import pytest
import yaml

from orchestration.ground.yaml_text import yaml_entry, yaml_text


def test_a_document_keeps_its_order_and_indents_its_lists() -> None:
    document = {"version": 2, "models": [{"name": "b", "tests": ["not_null"]}, {"name": "a: b", "label": "Größe"}]}
    assert yaml_text(document) == (
        "version: 2\nmodels:\n  - name: b\n    tests:\n      - not_null\n  - name: 'a: b'\n    label: Größe\n"
    )


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("text", "key: text"),
        ("NO", "key: 'NO'"),
        ("a # b", "key: 'a # b'"),
        ("decimal(18,2)", "key: decimal(18,2)"),
        (["a", "b"], "key: [a, b]"),
        (("a",), "key: [a]"),
        ([], "key: []"),
        ({"b": ["-", ""], "a": 1}, "key: {b: ['-', ''], a: 1}"),
        (True, "key: true"),
        (None, "key: null"),
    ],
)
def test_an_entry_is_one_line_that_reads_as_its_value(value: object, line: str) -> None:
    assert yaml_entry("key", value) == line
    assert yaml.safe_load(line) == {"key": list(value) if isinstance(value, tuple) else value}
