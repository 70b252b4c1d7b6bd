"""The floor plan: every room of `orchestration` imports only rooms below it, and no room is overfull."""

from pathlib import Path

from tests.test_who_knows_whom import ROOT, _imports

# From the ground up. A package without sub-rooms is one room; the modules that lie beside sub-rooms are named.
ROOMS = (
    "ground",
    "declaration",
    "connectors",
    "landing.errors",
    "landing.quarantine",
    "landing.formats",
    "landing.loads",
    "landing.control_totals",
    "landing.pulls",
    "landing.refused",
    "landing.load_result",
    "landing.extraction",
    "publication",
    "semantic",
    "exporting",
    "snapshots",
    "warehouse",
    "dbt",
    "documentation",
    "runs",
    "defs",
    "definitions",
    "sample",
    "proposal",
    "cli",
)
MAX_MODULES = 13
MAX_LINES = 400
PACKAGE = ROOT / "orchestration"


def _module(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")


def _room(module: str) -> str | None:
    return next((room for room in ROOMS if module == room or module.startswith(f"{room}.")), None)


def _modules() -> dict[str, Path]:
    return {_module(path): path for path in PACKAGE.rglob("*.py")}


def test_every_module_lies_in_a_room() -> None:
    parents = {room.rpartition(".")[0] for room in ROOMS} | {"__init__"}
    assert [module for module in _modules() if _room(module) is None and module not in parents] == []


def test_no_import_climbs() -> None:
    climbing = []
    for module, path in _modules().items():
        room = _room(module)
        for name in _imports(path):
            other = _room(name.removeprefix("orchestration.")) if name.startswith("orchestration.") else None
            if room and other and ROOMS.index(other) > ROOMS.index(room):
                climbing.append(f"{module} -> {name}")
    assert climbing == [], "\n".join(climbing)


def test_no_two_modules_import_each_other() -> None:
    known = _modules()
    imported = {
        module: {name.removeprefix("orchestration.") for name in _imports(path)} & set(known) - {module}
        for module, path in known.items()
    }
    reached: dict[str, set[str]] = {}
    for module in known:
        seen: set[str] = set()
        frontier = [module]
        while frontier:
            for found in imported[frontier.pop()] - seen:
                seen.add(found)
                frontier.append(found)
        reached[module] = seen
    circles = [module for module, seen in reached.items() if module in seen]
    assert circles == [], "\n".join(circles)


def test_no_module_stands_beside_a_folder_of_its_name() -> None:
    assert [path for path in PACKAGE.rglob("*.py") if path.with_suffix("").is_dir()] == []


def test_rooms_and_modules_stay_small() -> None:
    folders = [PACKAGE, *(path for path in PACKAGE.rglob("*") if path.is_dir() and path.name != "__pycache__")]
    full = {folder.name: len(list(folder.glob("[!_]*.py"))) for folder in folders}
    assert {name: count for name, count in full.items() if count > MAX_MODULES} == {}
    lines = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in _modules().values()}
    assert {name: count for name, count in lines.items() if count > MAX_LINES} == {}
