"""Feeds: what readers get, at which addresses, and who else gets it."""

from collections.abc import AsyncIterator

import feedparser
import httpx
import pytest

from bot.domain.paper import PaperDraft
from tests.e2e.program_teams import ADDRESS, OURS, PUBLIC_URL, THEIRS, Teams, no_answer, nobody


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"public_url": PUBLIC_URL})


@pytest.fixture
async def teams(scene, settings, clock, open_world) -> AsyncIterator[Teams]:
    async with scene.again(settings, clock, open_world) as teams:
        yield teams


async def read(teams: Teams, address: str, **headers: str) -> httpx.Response:
    async with teams.client() as client:
        return await client.get(address, headers=headers)


async def parsed(teams: Teams, address: str) -> feedparser.FeedParserDict:
    answer = await read(teams, address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = feedparser.parse(answer.content)
    assert not feed.bozo, feed.get("bozo_exception")
    assert feed.version == "atom10"
    ids = [feed.feed.id, *(each.id for each in feed.entries)]
    assert len(ids) == len(set(ids))
    assert all(each.startswith("urn:uuid:") for each in ids)
    return feed


async def test_a_channels_feed_has_what_was_posted_there(teams: Teams) -> None:
    of_channel, of_experts, of_own_topic, saved = teams.ours.feeds
    feed = await parsed(teams, of_channel)
    assert feed.feed.title == "Papers in #xyzzy-room"
    titles = {each.title for each in feed.entries}
    assert f"Secret zebra routing of {OURS}" in titles
    assert "Cheaper Experts at Serving Time" in titles
    entry = next(each for each in feed.entries if each.title.startswith("Secret"))
    assert entry.link == f"{PUBLIC_URL}/papers/{teams.ours.paper}"
    assert [tag.term for tag in entry.tags] == [f"{OURS} zebra routing"]
    topic = await parsed(teams, of_own_topic)
    assert {tag.term for each in topic.entries for tag in each.tags} == {f"{OURS} zebra routing"}
    experts = await parsed(teams, of_experts)
    assert {tag.term for each in experts.entries for tag in each.tags} == {"mixture of experts"}
    assert len(topic.entries) + len(experts.entries) == len(feed.entries)
    own = await parsed(teams, saved)
    assert {each.title for each in own.entries} == {
        f"Secret zebra routing of {OURS}",
        "Routing Tokens to Experts Evenly",
    }


async def test_feeds_of_teams_hold_nothing_of_others(teams: Teams) -> None:
    for own, other in ((teams.ours, teams.theirs), (teams.theirs, teams.ours)):
        for address in own.feeds:
            text = (await read(teams, address)).text
            assert other.mark not in text
        elsewhere = [each for each in other.feeds if "topic=" in each]
        for topic in (each.rpartition("=")[2] for each in elsewhere):
            assert (await parsed(teams, f"{own.feeds[0]}?topic={topic}")).entries == []
    found = await read(teams, "/feeds/search?q=secret+zebra+routing+experts")
    assert OURS not in found.text
    assert THEIRS not in found.text


async def test_a_search_has_a_feed_of_open_papers(teams: Teams) -> None:
    feed = await parsed(teams, "/feeds/search?q=mixture+of+experts")
    assert feed.feed.title == "Papers on “mixture of experts”"
    assert feed.entries[0].summary
    assert {each.title for each in feed.entries} >= {"Cheaper Experts at Serving Time"}
    before = feed.entries[0].id
    await teams.world.parts.library.add(
        [PaperDraft("A mixture of experts in Kyrgyz", "A mixture of experts speaks.", "test")]
    )
    again = await parsed(teams, "/feeds/search?q=mixture+of+experts")
    assert before in {each.id for each in again.entries}
    assert again.feed.id == feed.feed.id
    for wrong in ("", "?q=", "?q=%20", "?q=" + "x" * 400):
        assert (await read(teams, f"/feeds/search{wrong}")).status_code == 400


async def test_a_reader_gets_nothing_twice(teams: Teams) -> None:
    address = teams.ours.feeds[0]
    first = await read(teams, address)
    tag, changed = first.headers["etag"], first.headers["last-modified"]
    for headers in (
        {"if-none-match": tag},
        {"if-none-match": f'"other", W/{tag}'},
        {"if-none-match": "*"},
        {"if-modified-since": changed},
    ):
        same = await read(teams, address, **headers)
        assert (same.status_code, same.content) == (304, b"")
        assert same.headers["etag"] == tag
    for headers in (
        {"if-none-match": '"other"'},
        {"if-none-match": '"other"', "if-modified-since": changed},
        {"if-modified-since": "Mon, 01 Jan 2024 00:00:00 GMT"},
        {"if-modified-since": "yesterday"},
    ):
        assert (await read(teams, address, **headers)).status_code == 200


async def test_addresses_are_renewed(teams: Teams) -> None:
    player = teams.ours.player
    more = ADDRESS.findall((await player.says("feed")).text)
    assert more[0] != teams.ours.feeds[0]
    for address in (more[0], teams.ours.feeds[0], more[-1], teams.ours.feeds[-1]):
        assert (await read(teams, address)).status_code == 200
    renewed = ADDRESS.findall((await player.says("feed renew:yes")).text)
    for address in (more[0], teams.ours.feeds[0], more[-1], teams.ours.feeds[-1]):
        assert (await read(teams, address)).status_code == 404
    assert (await parsed(teams, renewed[0])).entries
    assert (await read(teams, teams.theirs.feeds[0])).status_code == 200


async def test_whoever_leaves_the_channel_leaves_its_feed(teams: Teams, monkeypatch) -> None:
    async def nowhere(*_: object) -> frozenset[str]:
        return frozenset()

    monkeypatch.setattr(teams.world.surface, "channels_of", nowhere)
    teams.world.clock.forward(minutes=2)
    assert (await read(teams, teams.ours.feeds[0])).status_code == 404
    assert (await read(teams, teams.ours.feeds[-1])).status_code == 200


async def test_whoever_leaves_the_workspace_leaves_all_its_feeds(teams: Teams, monkeypatch) -> None:
    own = teams.world.person("ada", "@ada")
    await own.says("subscribe seeing cracks in bridges at:09:00")
    feeds = [*teams.ours.feeds, ADDRESS.findall((await own.says("feed")).text)[0]]
    for check, status in ((no_answer, 503), (nobody, 404)):
        assert [(await read(teams, each)).status_code for each in feeds] == [200] * len(feeds)
        teams.world.clock.forward(minutes=2)
        with monkeypatch.context() as replaced:
            replaced.setattr(teams.world.surface, "is_member", check)
            assert [(await read(teams, each)).status_code for each in feeds] == [status] * len(feeds)
        teams.world.clock.forward(minutes=2)


@pytest.mark.parametrize("topic", ["-1", "x", "", "9" * 30, "1 OR 1"])
async def test_odd_topics_are_no_feeds(teams: Teams, topic: str) -> None:
    answer = await read(teams, f"{teams.ours.feeds[0]}?topic={topic}")
    assert answer.status_code == 404


async def test_addresses_are_guessed_in_vain(teams: Teams) -> None:
    for secret in ("x", teams.ours.token, "%00", "..%2f..", "x" * 5000):
        assert (await read(teams, f"/feeds/{secret}.atom")).status_code == 404
    async with teams.client(token=teams.ours.feeds[0].split("/")[2].partition(".")[0]) as client:
        assert (await client.get("/api/v1/trending")).status_code == 401


async def test_in_ones_direct_messages_the_feed_is_ones_own(teams: Teams) -> None:
    player = teams.world.person("ada", "@ada")
    await player.says("subscribe seeing cracks in bridges at:09:00")
    text = (await player.says("feed")).text
    assert "What I post here:" in text
    assert (await read(teams, ADDRESS.findall(text)[0])).status_code == 200


async def test_without_a_public_address_there_are_none(open_world, settings) -> None:
    settings.public_url = ""
    async with open_world() as world:
        answer = await world.person("ada").says("feed")
    assert "PAPERCLUB_PUBLIC_URL" in answer.text
