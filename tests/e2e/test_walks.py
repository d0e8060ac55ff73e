import pytest

from tests.walks import PAGE, section, walks

MOST_FILES = 27
"""A search's files beside storage, domain and protocol. More would be a longer way than it was."""


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


async def test_each_event_enters_the_core_once_and_goes_one_way(tmp_path, embedder, page):
    search, vote, digest = await walks(tmp_path, embedder)
    assert [walk.core_calls for walk in (search, vote)] == [1, 1]
    assert digest.files["app"] == ["worker.py"]
    assert search.counted <= MOST_FILES
    rooms = list(search.files)
    assert (
        rooms.index("adapters/slack/inbound") < rooms.index("bot/conversation") < rooms.index("bot/commands")
    )
    assert rooms.index("bot/commands") < rooms.index("adapters/slack/render")
    for walk in (search, vote, digest):
        assert f"### {walk.name}" in page
        assert section([walk]).startswith(f"### {walk.name}")
