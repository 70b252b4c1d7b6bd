"""Records of an API that cannot become a row: how a passing file marks them, so that the landing puts them aside.

A connector writes JSON Lines. A line that begins with the mark holds a rule and the record's text as it came.
"""

MARK = "\x01"
"""A character that no JSON may hold unescaped, so that no line of JSON is taken for a marked one."""

REASONS = {
    "json_no_number": "The record holds NaN or an infinity, which JSON has not.",
    "json_key_twice": "The record gives a key two values.",
    "json_name_twice": "Two fields of the record become one column: one is nested, the other has its dotted name.",
    "explode_no_list": "The exploded field is neither a list nor an object.",
    "explode_keyed": "The exploded field is an object of objects: say explode_key if its keys tell elements apart.",
    "explode_position": "An element has a field called as the counter of elements: name it by explode_position.",
}
"""Sentence by rule."""
UNMENDED = frozenset(REASONS) - {"json_no_number"}
"""Rules of records that are no row yet: only another text makes them one, not the value of a column."""


def marked(rule: str, text: str) -> str:
    """A refused record as a line, without its line break."""
    return f"{MARK}{rule}{MARK}{text}"


def unmarked(line: str) -> tuple[str, str, str] | None:
    """Rule, reason and text of a marked line; None for any other."""
    if not line.startswith(MARK):
        return None
    rule, _, text = line[1:].partition(MARK)
    return (rule, REASONS[rule], text) if rule in REASONS else None
