"""The bakery of docs/add-a-company.md, written out from the page as a reader would copy it."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "add-a-company.md"
TITLED_BLOCK = re.compile(r'^```\w+ title="(?P<path>[^"]+)"\n(?P<body>.*?)^```$', re.MULTILINE | re.DOTALL)


def write_documented_company(folder: Path) -> tuple[Path, Path]:
    """Write the page's titled code blocks below a folder.

    Returns:
        The company's folder and the folder of its files.
    """
    for block in TITLED_BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        path = folder / block["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block["body"], encoding="utf-8")
    return folder / "bakery", folder / "bakery-files"


def required_columns_on_the_page() -> dict[str, tuple[set[str], set[str]]]:
    """Key columns and further required columns of each entity, as the page's table states them."""
    page = PAGE.read_text(encoding="utf-8")
    table = page.split("| entity | key | also required |", 1)[1].split("\n\n", 1)[0]
    cells = (line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| `"))
    names = re.compile(r"`(\w+)`")
    return {
        names.findall(entity)[0]: (set(names.findall(key)), set(names.findall(also))) for entity, key, also in cells
    }
