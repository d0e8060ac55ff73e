"""REST: what programs may do, for whom, and how they are told that they may not."""

from collections import Counter
from collections.abc import AsyncIterator

import httpx
import pytest
from jsonschema import Draft202012Validator

from bot.commands import COMMANDS
from bot.conversation.command import ForPrograms
from bot.domain.paper import PaperDraft
from storage.shared.rate_limits import LocalRateLimiter
from tests.e2e.program_teams import OURS, PUBLIC_URL, THEIRS, Team, Teams, no_answer, nobody

API = "/api/v1"


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"public_url": PUBLIC_URL})


@pytest.fixture
async def teams(scene, settings, clock, open_world) -> AsyncIterator[Teams]:
    async with scene.again(settings, clock, open_world) as teams:
        yield teams


async def get(teams: Teams, team: Team | None, name: str, **arguments: str) -> httpx.Response:
    async with teams.client(team) as client:
        return await client.get(f"{API}/{name}", params=arguments)


async def post(teams: Teams, team: Team | None, name: str, **arguments: object) -> httpx.Response:
    async with teams.client(team) as client:
        return await client.post(f"{API}/{name}", json=arguments)


async def test_a_program_reads_what_its_person_can(teams: Teams) -> None:
    ours = teams.ours
    found = await get(teams, ours, "search", query="zebra routing")
    assert found.status_code == 200
    assert found.headers["content-type"] == "application/json"
    first = found.json()["results"][0]
    assert first["paper"]["number"] == ours.paper
    assert first["paper"]["of_team"]
    assert first["paper"]["page"] == f"{PUBLIC_URL}/papers/{ours.paper}"
    assert first["citation"]["paper"] == ours.paper
    assert THEIRS not in found.text
    history = (await get(teams, ours, "history", channel="#xyzzy-room")).json()
    assert history["kind"] == "reading_list"
    rows = {row["paper"]["number"]: row for row in history["rows"]}
    assert rows[ours.paper]["votes"] == {"up": 1, "down": 0}
    assert "discussed" in rows[ours.paper]["activities"]
    assert (await get(teams, ours, "saved")).json()["rows"][0]["paper"]["number"] in {2, ours.paper}
    shown = (await get(teams, ours, "show", paper=f"#{ours.paper}", channel="xyzzy-room")).json()
    assert (shown["kind"], shown["status"]["votes"]["up"], shown["status"]["discussed"]) == ("paper", 1, True)
    summary = (await get(teams, ours, "summarize", paper="1", sentences="2")).json()
    assert [(each["paper"], each["of"]) for each in summary["citations"]] == [(1, 3), (1, 3)]


async def test_what_a_program_changes_is_changed_in_the_channel(teams: Teams) -> None:
    voted = await post(teams, teams.ours, "vote", paper="#3", value="down", channel=teams.ours.channel)
    assert voted.status_code == 200
    assert voted.json()["status"]["votes"] == {"up": 0, "down": 1}
    card = await teams.ours.player.says("show #3")
    assert (card.status.tally.up, card.status.tally.down) == (0, 1)
    assert (await post(teams, teams.ours, "save", paper="#4")).json()["tone"] == "done"
    assert any(row.paper.id == 4 for row in (await teams.ours.player.says("saved")).rows)
    followed = await post(
        teams, teams.ours, "subscribe", topic="protein folding", top=3, channel=teams.ours.channel
    )
    assert followed.json()["subscription"]["top"] == 3
    topics = (await get(teams, teams.ours, "subscriptions", channel=teams.ours.channel)).json()["rows"]
    number = next(row["number"] for row in topics if row["topic"] == "protein folding")
    paused = await post(teams, teams.ours, "subscriptions", pause=number, channel=teams.ours.channel)
    assert [row["paused"] for row in paused.json()["rows"] if row["number"] == number] == [True]
    kept = await post(teams, teams.ours, "settings", layout="flat", channel=teams.ours.channel)
    assert kept.json()["layout"] == "flat"
    assert (await get(teams, teams.ours, "settings", channel=teams.ours.channel)).json()["layout"] == "flat"


async def test_without_a_channel_it_is_the_persons_own(teams: Teams) -> None:
    await post(teams, teams.ours, "vote", paper="#3")
    card = await teams.ours.player.says("show #3")
    assert card.status.tally.up == 0
    assert (await get(teams, teams.ours, "show", paper="#3")).json()["status"]["votes"]["up"] == 1


async def test_visitors_see_open_papers_alone(teams: Teams) -> None:
    for name, arguments in (
        ("search", {"query": "zebra routing mixture of experts"}),
        ("show", {"paper": "1"}),
        ("summarize", {"paper": "1"}),
        ("related", {"paper": "1"}),
        ("trending", {}),
        ("help", {}),
    ):
        told = await get(teams, None, name, **arguments)
        assert told.status_code == 200, told.text
        assert "xyzzy" not in told.text
        assert "plugh" not in told.text
    assert (await get(teams, None, "show", paper=f"#{teams.ours.paper}")).status_code == 404
    for name, arguments in (
        ("history", {}),
        ("ask", {"paper": "1", "question": "why?"}),
        ("search", {"query": "experts", "is": "unread"}),
        ("summarize", {"paper": "1", "full": "yes"}),
        ("related", {"paper": "1", "kind": "references"}),
        ("trending", {"channel": "#general"}),
    ):
        refused = await get(teams, None, name, **arguments)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"] == "Bearer"
        assert refused.headers["content-type"] == "application/problem+json"
    assert (await post(teams, None, "vote", paper="1")).status_code == 401


async def test_a_team_does_not_reach_into_another(teams: Teams) -> None:
    for channel in ("#plugh-room", "plugh-room", "#nowhere"):
        refused = await get(teams, teams.ours, "history", channel=channel)
        assert (refused.status_code, refused.json()["parameter"]) == (404, "channel")
        assert (await post(teams, teams.ours, "vote", paper="1", channel=channel)).status_code == 404


async def test_an_unknown_paper_is_missing_and_another_teams_is_missing_alike(teams: Teams) -> None:
    number, name = teams.theirs.paper, "10.5555/nobody.knows.this"
    theirs = await get(teams, teams.ours, "show", paper=f"#{number}")
    nobodys = await get(teams, teams.ours, "show", paper=f"#{number + 5_000}")
    assert theirs.text.replace(str(number), "N") == nobodys.text.replace(str(number + 5_000), "N")
    for refused in (
        theirs,
        nobodys,
        await get(teams, teams.ours, "show", paper=name),
        await get(teams, teams.ours, "summarize", paper="no such title at all"),
        await post(teams, teams.ours, "vote", paper=f"#{number}", value="up"),
        await post(teams, teams.ours, "save", paper=f"#{number}"),
    ):
        assert (refused.status_code, refused.json()["title"]) == (404, "Not Found"), refused.text
        assert refused.headers["content-type"] == "application/problem+json"


async def test_tokens_that_do_not_allow_it(teams: Teams) -> None:
    async with teams.client(token=teams.ours.reading_token) as client:
        assert (await client.get(f"{API}/saved")).status_code == 200
        refused = await client.post(f"{API}/vote", json={"paper": "1"})
        assert refused.status_code == 403
        assert "can only read" in refused.json()["detail"]
    for wrong in ("pc_wrong", "", "x" * 5000):
        async with teams.client(Authorization=f"Bearer {wrong}") as client:
            assert (await client.get(f"{API}/trending")).status_code == 401
    async with teams.client(Authorization=f"Basic {teams.ours.token}") as client:
        assert (await client.get(f"{API}/trending")).status_code == 401
    await teams.ours.player.says("token laptop off")
    assert (await get(teams, teams.ours, "saved")).status_code == 401
    teams.world.clock.forward(days=400)
    async with teams.client(token=teams.ours.reading_token) as client:
        assert (await client.get(f"{API}/saved")).status_code == 401


async def test_the_day_of_use_is_told_and_the_token_is_not(teams: Teams) -> None:
    before = await teams.ours.player.says("token")
    assert "laptop: read and write · not used yet" in before.text
    await get(teams, teams.ours, "trending")
    after = await teams.ours.player.says("token")
    assert "laptop: read and write · last used Tue 24 Nov 2026" in after.text
    assert teams.ours.token not in after.text


@pytest.mark.parametrize(
    ("arguments", "detail"),
    [
        ({"query": "experts", "colour": "red"}, "There is no parameter “colour”."),
        ({"query": "experts", "page": "two"}, "“two” does not fit page"),
        ({"query": "experts", "page": "99"}, "There is no page 99"),
        ({"query": "experts", "is": "READ"}, "“READ” does not fit is"),
        ({"query": ""}, "query takes a text."),
        ({}, "Please say what to look for."),
        ({"query": "experts", "since": "the flood"}, "“the flood” does not fit since"),
    ],
)
async def test_what_does_not_fit_is_explained(teams: Teams, arguments: dict[str, str], detail: str) -> None:
    refused = await get(teams, teams.ours, "search", **arguments)
    assert refused.status_code == 400
    assert refused.headers["content-type"] == "application/problem+json"
    body = refused.json()
    assert (body["type"], body["status"], body["title"]) == ("about:blank", 400, "Bad Request")
    assert body["detail"].startswith(detail)


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"\xff", "application/json", 400),
        (b'{"paper": true}', "application/json", 400),
        (b'{"paper": null}', "application/json", 400),
        (b'{"paper": {"a": 1}}', "application/json", 400),
        (b'{"paper": "1"}', "text/plain", 415),
    ],
)
async def test_bodies_that_are_no_arguments(teams: Teams, content: bytes, kind: str, status: int) -> None:
    async with teams.client(teams.ours) as client:
        refused = await client.post(f"{API}/save", content=content, headers={"content-type": kind})
        assert refused.status_code == status, refused.text
        assert (await client.post(f"{API}/save?paper=1", json={"paper": "1"})).status_code == 400


async def test_there_is_nothing_else_under_the_path(teams: Teams) -> None:
    async with teams.client(teams.ours) as client:
        for name in ("token", "feed", "link", "unlink", "discuss", "", "search/"):
            assert (await client.get(f"{API}/{name}")).status_code == 404, name
            assert (await client.post(f"{API}/{name}", json={})).status_code == 404, name
        refused = await client.delete(f"{API}/search")
        assert (refused.status_code, refused.headers["allow"]) == (405, "GET")
        assert (await client.get(f"{API}/vote")).headers["allow"] == "POST"
        assert (await client.put(f"{API}/settings")).headers["allow"] == "GET, POST"
        assert (await client.post(f"{API}/openapi.json")).status_code == 405


async def test_pages_lead_on_to_the_next(teams: Teams) -> None:
    await teams.world.parts.library.add([_paper(number) for number in range(12)])
    numbers: list[int] = []
    address = f"{API}/search?query=kettle+boiling"
    async with teams.client(teams.ours) as client:
        while address:
            page = (await client.get(address)).json()
            numbers += [row["paper"]["number"] for row in page["results"]]
            address = page["pages"]["next"]
    assert len(numbers) == len(set(numbers)) == page["pages"]["total"]
    assert page["pages"]["page"] == page["pages"]["pages"] >= 3


async def test_looking_at_lists_stores_nothing(teams: Teams) -> None:
    """A stranger who asks again and again must not fill the database."""
    await teams.world.parts.library.add([_paper(number) for number in range(12)])
    await get(teams, None, "help")  # the first visitor makes the rows that all visitors act as
    await get(teams, teams.ours, "help")  # notes the day on which the token was used
    before = await _rows(teams)
    for team in (None, teams.ours):
        for page in ("1", "2"):
            for name, arguments in (("search", {"query": "kettle boiling"}), ("trending", {})):
                answer = await get(teams, team, name, **arguments, page=page)
                assert answer.json()["pages"]["pages"] > 1, (name, page)
    assert await _rows(teams) == before


async def _rows(teams: Teams) -> Counter[str]:
    return Counter([kind async for kind, _ in teams.world.parts.store.export()])


def _paper(number: int) -> PaperDraft:
    return PaperDraft(
        f"Kettle boiling, part {number}", f"Kettle number {number} is boiling water. It is hot.", "test"
    )


async def test_a_fault_of_ours_has_a_reference_that_is_in_the_log(teams: Teams, monkeypatch, caplog) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("the disk is gone")

    monkeypatch.setattr(teams.world.parts.services.search, "search", fail)
    refused = await get(teams, teams.ours, "search", query="experts")
    assert refused.status_code == 500
    body = refused.json()
    assert f"Reference {body['reference']}" in caplog.text
    assert "disk" not in refused.text
    monkeypatch.setattr(teams.world.parts.services.accounts, "readable_channels", fail)
    refused = await get(teams, teams.ours, "history", channel="#general")
    assert refused.status_code == 500
    assert f"Reference {refused.json()['reference']}" in caplog.text


async def test_whoever_leaves_the_workspace_leaves_it_for_their_programs(teams: Teams, monkeypatch) -> None:
    ours, asked = teams.ours, {"search": {"query": "zebra routing"}, "saved": {}}
    for name, arguments in asked.items():
        assert OURS in (await get(teams, ours, name, **arguments)).text
    teams.world.clock.forward(minutes=2)
    monkeypatch.setattr(teams.world.surface, "is_member", no_answer)
    for name, arguments in asked.items():
        unsure = await get(teams, ours, name, **arguments)
        assert unsure.status_code == 503
        assert OURS not in unsure.text
    teams.world.clock.forward(seconds=31)
    monkeypatch.setattr(teams.world.surface, "is_member", nobody)
    for name, arguments in asked.items():
        refused = await get(teams, ours, name, **arguments)
        assert refused.status_code == 401
        assert "no longer in the workspace" in refused.json()["detail"]
        assert OURS not in refused.text


@pytest.fixture
async def limited(scene, settings, clock, open_world) -> AsyncIterator[tuple[Teams, list[float]]]:
    """Teams with the limits of a real process, and the time by which these count."""
    time = [0.0]
    limiter = LocalRateLimiter(clock=lambda: time[0])
    async with scene.again(settings, clock, open_world, limiter) as teams:
        yield teams, time


async def test_whoever_comes_too_often_is_told_when_to_come_again(limited) -> None:
    teams, time = limited
    seen = [(await get(teams, None, "help")).status_code for _ in range(22)]
    assert (seen[:20], seen[-1]) == ([200] * 20, 429)
    refused = await get(teams, None, "help")
    assert int(refused.headers["retry-after"]) >= 1
    assert (await get(teams, teams.ours, "trending")).status_code == 200
    time[0] += int(refused.headers["retry-after"])
    assert (await get(teams, None, "help")).status_code == 200
    many = [(await get(teams, teams.ours, "help")).status_code for _ in range(70)]
    assert (many[50], many[-1]) == (200, 429)
    assert (await get(teams, teams.theirs, "help")).status_code == 200


async def test_tokens_cannot_be_tried_out_in_numbers(limited) -> None:
    teams, _ = limited
    seen = []
    for number in range(25):
        async with teams.client(token=f"pc_{number}") as client:
            seen.append((await client.get(f"{API}/trending")).status_code)
    assert (seen[0], seen[-1]) == (401, 429)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", f"{API}/help"), ("GET", "/feeds/nobody.atom"), ("POST", "/mcp")]
)
async def test_nobody_is_somebody_else_by_a_line_above_the_proxys(limited, method: str, path: str) -> None:
    teams, _ = limited
    async with teams.client() as client:

        async def status(invented: str, seen: str) -> int:
            lines = [("X-Forwarded-For", each) for each in (invented, seen)]
            return (await client.request(method, path, headers=lines)).status_code

        answers = [await status(f"203.0.113.{number}", "198.51.100.1") for number in range(25)]
        assert answers[0] != 429
        assert answers[-1] == 429
        assert await status("203.0.113.1", "198.51.100.2") != 429


async def test_the_document_has_what_programs_can_use(teams: Teams) -> None:
    async with teams.client() as client:
        document = (await client.get(f"{API}/openapi.json")).json()
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": PUBLIC_URL}]
    methods = {
        ForPrograms.NOTHING: set(),
        ForPrograms.READS: {"get"},
        ForPrograms.WRITES: {"post"},
        ForPrograms.BOTH: {"get", "post"},
    }
    for command in COMMANDS:
        assert set(document["paths"].get(f"{API}/{command.name}", {})) == methods[command.programs]
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    get_search = document["paths"][f"{API}/search"]["get"]
    assert get_search["security"] == [{}, {"token": []}]
    assert document["paths"][f"{API}/vote"]["post"]["security"] == [{"token": []}]
