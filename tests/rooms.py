"""The picture of the rooms in docs/design.md, made from the imports of the program.

`python -m tests.rooms` prints the picture, and `python -m tests.rooms --write` puts it into the page.
"""

import ast
import sys
from collections.abc import Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/design.md"
BEGIN = "<!-- made by `python -m tests.rooms --write` -->\n"
END = "<!-- end of what is made -->\n"

PACKAGES = ("app", "adapters", "papers", "storage", "bot")
SURFACE_ROOMS = ("inbound", "outbound", "render")
SHARED = "common"
"""The folder in adapters/ that is no surface."""

Arrows = Mapping[str, frozenset[str]]
"""Each room, with the rooms that it imports. A room that imports none has an entry too."""


def modules(root: Path) -> dict[str, Path]:
    """The program's modules by their dotted names. A package stands for its __init__.py."""
    files = sorted(file for package in PACKAGES for file in (root / package).rglob("*.py"))
    return {_dotted(file.relative_to(root)): file for file in files}


def _dotted(file: Path) -> str:
    parts = file.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(name: str, known: Mapping[str, Path]) -> set[str]:
    """The program's modules that one module imports, at its top or anywhere else in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(known[name].read_bytes())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (inner & known.keys()) or {node.module}
    return found & known.keys()


def arrows(root: Path = ROOT) -> Arrows:
    """Which room imports which, without a room's imports of itself."""
    known = modules(root)
    imported = {name: imports(name, known) for name in known}
    rooms = {name: _room(name, imported) for name in known}
    found: dict[str, set[str]] = {room: set() for room in rooms.values() if room}
    for name, others in imported.items():
        found.setdefault(rooms[name], set()).update(rooms[other] for other in others)
    return {room: frozenset(others - {room, ""}) for room, others in found.items() if room}


def _room(name: str, imported: Mapping[str, set[str]]) -> str:
    """The room that a module is in; empty for the packages around rooms, which hold nothing.

    All surfaces have the same rooms, so they share one picture. A module beside a surface's rooms is above
    them if it imports one of them, as adapter.py does, and otherwise below them, as limits.py is.
    """
    package, *inner = name.split(".")
    match package, inner:
        case "app" | "papers" | "storage", _:
            return package
        case "bot", [room, *_]:
            return f"bot/{room}"
        case "adapters", [folder, *_] if folder == SHARED:
            return f"adapters/{SHARED}"
        case "adapters", [_, room, *_] if room in SURFACE_ROOMS:
            return f"adapters/NAME/{room}"
        case "adapters", [surface, _, *_]:
            own = f"adapters.{surface}."
            above = any(other.removeprefix(own).startswith(SURFACE_ROOMS) for other in imported[name])
            return "adapters/NAME/adapter" if above else "adapters/NAME/limits"
        case _:
            return ""


def circle(graph: Arrows) -> list[str]:
    """A circle of imports among rooms, which ends with its first room; empty if there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []


def floors(graph: Arrows) -> int:
    """How many rooms the longest chain of imports has."""

    @cache
    def height(room: str) -> int:
        return 1 + max((height(other) for other in graph[room]), default=0)

    return max(height(room) for room in graph)


def direct(graph: Arrows) -> Arrows:
    """Leave out arrows that a chain replaces: if A imports B and B imports C, that from A to C."""

    @cache
    def reached(room: str) -> frozenset[str]:
        return graph[room].union(*(reached(other) for other in graph[room]))

    return {
        room: frozenset(other for other in others if not any(other in reached(way) for way in others))
        for room, others in graph.items()
    }


def picture(graph: Arrows) -> str:
    """The rooms and their arrows as a Mermaid diagram, with a line that counts them.

    Raises:
        ValueError: the rooms import each other in a circle, which no such picture can show.

    """
    if found := circle(graph):
        raise ValueError(f"a circle of imports: {' → '.join(found)}")
    drawn = direct(graph)
    lines = ["```mermaid", "flowchart TD"]
    for folder in ("app", "adapters", "papers", "storage", "bot"):
        lines += _boxes(folder, [room for room in sorted(graph) if room.partition("/")[0] == folder])
    lines += [f"    {_id(room)} --> {_id(other)}" for room in sorted(drawn) for other in sorted(drawn[room])]
    count, shown = (sum(map(len, each.values())) for each in (graph, drawn))
    summary = (
        f"An arrow means “imports”. There are {len(graph)} rooms on {floors(graph)} floors, with {count} "
        f"arrows and no circle.\nThe picture shows {shown}; each of the other {count - shown} leads where a "
        "chain of these leads."
    )
    return "\n".join([*lines, "```", "", summary, ""])


def _boxes(folder: str, rooms: list[str]) -> list[str]:
    """A folder's boxes: a frame with its rooms, or one box if the folder itself is a room."""
    boxes = [f'    {_id(room)}["{room}"]' for room in rooms]
    if rooms == [folder]:
        return boxes
    return [f'    subgraph {folder}_rooms["{folder}/"]', *(f"    {box}" for box in boxes), "    end"]


def _id(room: str) -> str:
    return room.replace("/", "_")


def written_into(page: str, made: str) -> str:
    """Put the picture into the page, between the two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{made}{END}{after}"


if __name__ == "__main__":
    made = picture(arrows())
    if "--write" in sys.argv:
        PAGE.write_text(written_into(PAGE.read_text(encoding="utf-8"), made), encoding="utf-8")
    else:
        print(made, end="")  # noqa: T201 - what it is for
