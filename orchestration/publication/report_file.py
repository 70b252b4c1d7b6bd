"""Which generation an HTML file beside the generations shows; `report.static` and `documentation` write them."""

from __future__ import annotations

import re
from html import escape, unescape
from pathlib import Path

REPORT = "report.html"
"""Name of the file beside the generations."""
DOCS = "docs"
"""Folder of the documentation beside the generations."""
LINEAGE = f"{DOCS}/lineage.html"
"""Its page that names the generation."""
_MARK = re.compile(r'<meta name="cx-generation" content="([^"]*)">')
_HEAD_CHARACTERS = 4_096


def generation_mark(generation_id: str) -> str:
    """The line in the head of the HTML that names its generation."""
    return f'<meta name="cx-generation" content="{escape(generation_id)}">'


def marked_generation(file: Path) -> str | None:
    """The generation that a file shows; None where there is no file, or none that names it."""
    try:
        with file.open(encoding="utf-8", errors="replace") as opened:
            found = _MARK.search(opened.read(_HEAD_CHARACTERS))
    except OSError:
        return None
    return unescape(found[1]) if found else None
