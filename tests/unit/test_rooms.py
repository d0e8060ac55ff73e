from pathlib import Path

import pytest

from tests import rooms

TREE = {
    "app/start.py": "import adapters.slack.adapter\nfrom bot.domain import paper",
    "adapters/slack/__init__.py": "",
    "adapters/slack/adapter.py": "from adapters.slack.inbound import events",
    "adapters/slack/inbound/events.py": "from adapters.slack.limits import LINE\nimport httpx",
    "adapters/slack/limits.py": "LINE = 1",
    "adapters/discord/adapter.py": "def late():\n    from adapters.discord.inbound.events import read",
    "adapters/discord/inbound/events.py": "from bot.ports.clock import Clock",
    "bot/ports/clock.py": "from bot.domain.paper import Paper\nfrom bot.ports import clock",
    "bot/domain/paper.py": "",
}
ARROWS = {
    "app": {"adapters/NAME/adapter", "bot/domain"},
    "adapters/NAME/adapter": {"adapters/NAME/inbound"},
    "adapters/NAME/inbound": {"adapters/NAME/limits", "bot/ports"},
    "adapters/NAME/limits": set(),
    "bot/ports": {"bot/domain"},
    "bot/domain": set(),
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in TREE.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def test_the_page_has_the_picture_that_the_imports_make():
    page = rooms.PAGE.read_text(encoding="utf-8")
    made = rooms.picture(rooms.arrows())
    assert page == rooms.written_into(page, made), "run: python -m tests.rooms --write"


def test_the_arrows_are_the_imports_between_rooms(tree):
    assert rooms.arrows(tree) == ARROWS


def test_an_arrow_that_follows_from_others_is_not_drawn(tree):
    drawn = rooms.direct(rooms.arrows(tree))
    assert drawn == {**ARROWS, "app": {"adapters/NAME/adapter"}}
    made = rooms.picture(rooms.arrows(tree))
    assert made.count("-->") == 5
    assert "6 rooms on 5 floors, with 6 arrows" in made
    assert "shows 5; each of the other 1 leads" in made


def test_a_circle_is_refused(tree):
    (tree / "bot/domain/paper.py").write_text("from bot.ports.clock import Clock")
    with pytest.raises(ValueError, match=r"bot/(ports|domain) → bot/(domain|ports) → bot/"):
        rooms.picture(rooms.arrows(tree))


def test_only_what_is_between_the_marks_is_written():
    page = f"before\n{rooms.BEGIN}old\n{rooms.END}after\n"
    assert rooms.written_into(page, "new\n") == f"before\n{rooms.BEGIN}new\n{rooms.END}after\n"
