"""Sources that are down, slow, garbled or ask for less: the digest goes out, and what is missing is said."""

from collections.abc import Awaitable, Callable
from functools import partial

import pytest
from aiohttp import web

from adapters.common.findings import Finding, Health
from app.doctor import examine
from app.settings import Settings
from bot.domain.source import SourceDay
from papers.sources.fetching.fetcher import Fetcher
from papers.sources.huggingface import HuggingFace
from tests.e2e.conftest import World
from tests.servers.sources.everywhere import Everywhere
from tests.servers.sources.huggingface import daily_entry

DAY = "2026-11-23"
"""When the world begins, a Monday."""
TITLES = {"huggingface": "Mixture of Experts at Home", "arxiv": "Mixture of Experts Abroad"}
ABSTRACT = "A mixture of experts is served from a kettle. The experts of the mixture whistle."
PATIENCE = 0.2
"""Seconds."""


@pytest.fixture
def settings(at_hand: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr("app.wiring.Fetcher", partial(Fetcher, seconds=PATIENCE))
    return at_hand


@pytest.fixture(autouse=True)
def listed(everywhere: Everywhere) -> None:
    everywhere.huggingface.days[DAY] = [daily_entry(1, title=TITLES["huggingface"], summary=ABSTRACT)]
    everywhere.arxiv.papers = [
        {"id": "2406.00002", "title": TITLES["arxiv"], "summary": ABSTRACT, "day": "20261123"}
    ]


async def down(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def garbled(_: web.Request) -> web.StreamResponse:
    return web.Response(text='<feed "}]', content_type="text/html")


async def rate_limited(_: web.Request) -> web.StreamResponse:
    return web.Response(status=429, headers={"Retry-After": "3600"})


Way = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture(params=["down", "slow", "garbled", "rate-limited"])
def way(request: pytest.FixtureRequest, everywhere: Everywhere) -> Way:
    async def slow(_: web.Request) -> web.StreamResponse:
        await everywhere.over.wait()
        return web.Response()

    return {"down": down, "slow": slow, "garbled": garbled, "rate-limited": rate_limited}[request.param]


@pytest.mark.parametrize(
    ("failing", "told"), [("huggingface", "Hugging Face"), ("arxiv", "arXiv")], ids=["Hugging Face", "arXiv"]
)
async def test_the_digest_goes_out_and_says_what_is_missing(
    world: World, everywhere: Everywhere, way: Way, failing: str, told: str
) -> None:
    await world.person("ada").says("subscribe mixture of experts at:09:00 tz:Europe/Paris top:9")
    everywhere.trouble[failing] = way
    await world.parts.ingest.round()
    world.clock.forward(hours=1)
    await world.parts.worker.work_off()
    posted = " ".join(world.shown.split())
    assert {name for name, title in TITLES.items() if title in posted} == TITLES.keys() - {failing}
    assert f"up to Monday, 23 November are missing: {told} could not be read." in posted


async def looked_at(world: World, settings: Settings) -> dict[str, Finding]:
    return {finding.name: finding async for finding in examine(settings, world.clock, quick=True)}


@pytest.mark.parametrize(
    ("entries", "said", "health"),
    [
        ([daily_entry(1)], "complete, 1 paper", Health.GOOD),
        ([], "empty, 0 papers", Health.GOOD),
        (
            [daily_entry(1), "nonsense"],
            "partial, 1 paper (1 of 2 entries have no title or abstract)",
            Health.WARNING,
        ),
        (None, "failed, 0 papers (its answer is no list of papers)", Health.WARNING),
    ],
)
async def test_the_doctor_tells_fine_empty_partial_and_failing_feeds_apart(
    world: World,
    everywhere: Everywhere,
    settings: Settings,
    *,
    entries: list[object] | None,
    said: str,
    health: Health,
) -> None:
    if entries is None:
        everywhere.trouble["huggingface"] = garbled
    everywhere.huggingface.days[DAY] = entries or []
    await world.parts.ingest.round()
    finding = (await looked_at(world, settings))["source Hugging Face"]
    assert finding.text.partition("; ")[0] == f"{DAY}: {said}"
    assert finding.health is health


async def test_the_doctor_tells_what_is_wrong_behind_a_day_that_came_whole(
    world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.parts.ingest.round()

    async def breaks(_source: HuggingFace, _day: object) -> SourceDay:
        raise ZeroDivisionError

    monkeypatch.setattr(HuggingFace, "listed_on", breaks)
    world.clock.forward(minutes=30)
    await world.parts.ingest.round()
    finding = (await looked_at(world, settings))["source Hugging Face"]
    assert f"{DAY}: complete, 1 paper; it broke off here, reference " in finding.text
    assert finding.health is Health.WARNING
