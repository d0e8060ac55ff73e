"""One polite client: patient, in turn, bounded, cached, and to known hosts alone."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import format_datetime
from typing import Any, Self

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.domain.errors import SourceUnavailable
from bot.ports.coordination import Pace
from papers.sources.fetching import client as fetching
from papers.sources.fetching.client import FAILURES
from papers.sources.fetching.fetcher import Fetcher
from papers.sources.fetching.hosts import PUBLIC_HOSTS, is_listed, public_only
from papers.sources.fetching.site import Response, Site
from storage.shared.cache import LocalCache
from storage.shared.rate_limits import LocalRateLimiter
from tests.servers.sources.scripted import Scripted, unless_it_has_it

AT_ONCE = Pace(0.0)


class Time:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def clock(self) -> float:
        return self.now

    async def pause(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


class Stopped(datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls(2026, 9, 21, 8, tzinfo=tz)


@dataclass
class AnySite(Scripted):
    """A site whose pages stand in a table; what is not there leads to itself for ever."""

    pages: dict[str, str] = field(default_factory=dict)
    age: str = ""
    """Cache-Control of every page."""
    under_way: int = 0
    most_under_way: int = 0

    def server(self) -> TestServer:
        app = web.Application()
        app.router.add_get("/drip", self._drip)
        app.router.add_route("*", "/{path:.*}", self._page)
        return TestServer(app)

    async def _page(self, request: web.Request) -> web.StreamResponse:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await asyncio.sleep(0.01)  # answers that take no time would never overlap
        self.under_way -= 1
        if (scripted := self.note(request, request.query)) is not None:
            return scripted
        if request.method == "POST":
            return web.json_response(await request.json())
        text = self.pages.get(request.path)
        if text is None:
            raise web.HTTPFound(request.path)
        response = unless_it_has_it(request, text, "text/plain")
        if self.age:
            response.headers["Cache-Control"] = self.age
        return response

    async def _drip(self, request: web.Request) -> web.StreamResponse:
        """Send a byte now and then, so that no single read ever takes long."""
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b".")
            await asyncio.sleep(0.01)


@dataclass
class Place:
    """A site with a fetcher for it."""

    fake: AnySite
    fetcher: Fetcher
    url: str
    time: Time

    def site(self, pace: Pace = AT_ONCE, **fields: Any) -> Site:
        return Site("somewhere", self.url, pace, **fields)

    async def ask(self, path: str = "/page", **more: Any) -> Response:
        return await self.fetcher.ask(self.site(), path, **more)


@asynccontextmanager
async def open_place(fake: AnySite, time: Time, **options: Any) -> AsyncIterator[Place]:
    async with fake.server() as server:
        url = str(server.make_url("")).rstrip("/")
        limiter = LocalRateLimiter(pause=time.pause, clock=time.clock)
        options = {"pause": time.pause, "largest": 200_000, "seconds": 5, **options}
        async with Fetcher(limiter, LocalCache(), **options) as fetcher:
            yield Place(fake, fetcher, url, time)


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with open_place(AnySite(pages={"/page": "hello"}), Time()) as opened:
        yield opened


def status_of(error: pytest.ExceptionInfo[SourceUnavailable]) -> str:
    return error.value.detail


async def test_it_says_who_asks() -> None:
    fake = AnySite(pages={"/page": "hello"})
    async with open_place(fake, Time(), contact="lab@example.org") as place:
        response = await place.ask(parameters={"q": "ä b"})
    assert (response.status, response.body, response.kind, response.source) == (
        200,
        b"hello",
        "text/plain",
        "somewhere",
    )
    assert fake.headers[0]["User-Agent"].startswith("paperclub")
    assert fake.headers[0]["User-Agent"].endswith(" (mailto:lab@example.org)")
    assert fake.asked == [{"q": "ä b"}]


async def test_what_goes_along_with_every_request(place: Place) -> None:
    site = place.site(headers={"x-api-key": "k"}, parameters={"mailto": "lab@example.org"})
    response = await place.fetcher.ask(site, "/anything", {"fields": "title"}, body={"ids": ["1"]})
    assert response.json() == {"ids": ["1"]}
    assert place.fake.asked == [{"fields": "title", "mailto": "lab@example.org"}]
    assert place.fake.headers[0]["x-api-key"] == "k"
    assert "k'" not in repr(site)


async def test_requests_keep_their_distance(place: Place) -> None:
    for _ in range(3):
        await place.fetcher.ask(place.site(Pace(3.0, exclusive=True)), "/page")
    assert place.time.waits == [3, 3]


async def test_one_request_at_a_time_where_a_source_wants_it(place: Place) -> None:
    site = place.site(Pace(0.0, exclusive=True))
    await asyncio.gather(*(place.fetcher.ask(site, "/page", {"q": number}) for number in range(5)))
    assert (place.fake.most_under_way, len(place.fake.asked)) == (1, 5)


async def test_who_would_wait_for_minutes_is_told(place: Place) -> None:
    site = place.site(Pace(61.0))
    await place.fetcher.ask(site, "/page")
    with pytest.raises(SourceUnavailable, match="it may be asked in 61 seconds"):
        await place.fetcher.ask(site, "/page")


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_what_may_pass_is_tried_again(place: Place, status: int) -> None:
    place.fake.say(status)
    place.fake.say(status)
    assert (await place.ask()).body == b"hello"
    assert len(place.time.waits) == 2
    assert all(0 <= wait <= 10 for wait in place.time.waits)


async def test_patience_ends(place: Place) -> None:
    for _ in range(3):
        place.fake.say(502)
    with pytest.raises(SourceUnavailable, match="somewhere: it answered 502"):
        await place.ask()
    assert len(place.fake.asked) == 3


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry_After": "7"},
        {"RateLimit": '"api";r=0;t=7'},
        {"RateLimit": '"api";r=0;t=7', "Retry_After": "3"},
        {"Retry_After": "Mon, 21 Sep 2026 08:00:07 GMT"},
        {"Retry_After": "Monday, 21-Sep-26 08:00:07 GMT"},
        {"Retry_After": "Mon Sep 21 08:00:07 2026"},
    ],
)
async def test_everybody_waits_where_a_source_asks_to(
    place: Place, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "datetime", Stopped)
    place.fake.say(429, **headers)
    assert (await place.ask()).body == b"hello"
    assert place.time.now == pytest.approx(7)


@pytest.mark.parametrize(
    "headers", [{"RateLimit": '"api";r=3;t=7'}, {"Retry_After": "soon"}, {"RateLimit": ";;=r"}]
)
async def test_other_words_about_limits_hold_nobody_up(place: Place, headers: dict[str, str]) -> None:
    place.fake.say(200, "fine", **headers)
    await place.ask()
    await place.ask()
    assert place.time.waits == []


async def test_a_long_wait_is_left_to_the_next_time(place: Place) -> None:
    place.fake.say(429, Retry_After=format_datetime(datetime.now(UTC) + timedelta(hours=2)))
    with pytest.raises(SourceUnavailable, match=r"it asks to come back in 7[12]\d\d seconds"):
        await place.ask()
    with pytest.raises(SourceUnavailable, match=r"it may be asked in 7[12]\d\d seconds"):
        await place.ask()
    assert (len(place.fake.asked), place.time.waits) == (1, [])


async def test_a_good_status_may_mean_later(place: Place) -> None:
    def busy(response: Response) -> bool:
        return response.body == b"busy"

    place.fake.say(200, "busy", Cache_Control="max-age=600")
    assert (await place.ask(refused=busy)).body == b"hello"
    for _ in range(3):
        place.fake.say(200, "busy")
    with pytest.raises(SourceUnavailable, match="it asks for fewer requests"):
        await place.ask("/other", refused=busy)


async def test_who_goes_on_failing_is_left_alone(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = 1_000_000.0
    monkeypatch.setattr("purgatory.domain.model.time.time", lambda: moment)
    for _ in range(FAILURES):
        place.fake.say(500)
    for _ in range(FAILURES // 3):
        with pytest.raises(SourceUnavailable, match="it answered 500"):
            await place.ask()
    with pytest.raises(SourceUnavailable, match="so it is left alone for a while"):
        await place.ask()
    assert len(place.fake.asked) == FAILURES
    assert (await place.fetcher.ask(Site("another", place.url, AT_ONCE), "/page")).body == b"hello"

    moment += fetching.REST + 1
    place.fake.say(500)
    with pytest.raises(SourceUnavailable, match="so it is left alone for a while"):
        await place.ask()
    assert len(place.fake.asked) == FAILURES + 2, "one more failure and it is left alone again"

    moment += fetching.REST + 1
    for _ in range(FAILURES):
        assert (await place.ask()).body == b"hello"


async def test_what_is_not_there_is_no_failure_of_the_source(place: Place) -> None:
    for _ in range(2 * FAILURES):
        place.fake.say(404, "{}")
        assert (await place.ask()).status == 404


async def test_what_has_not_changed_is_not_sent_again(place: Place) -> None:
    for _ in range(2):
        assert (await place.ask()).body == b"hello"
    assert [asked.get("If-None-Match") is not None for asked in place.fake.headers] == [False, True]
    place.fake.pages["/page"] = "another"
    assert (await place.ask()).body == b"another"
    assert (await place.ask()).body == b"another"


async def test_what_is_fresh_is_not_asked_for_and_takes_no_turn(place: Place) -> None:
    place.fake.age = "max-age=600"
    for _ in range(3):
        assert (await place.fetcher.ask(place.site(Pace(50.0)), "/page")).body == b"hello"
    assert (len(place.fake.asked), place.time.waits) == (1, [])


@pytest.mark.parametrize("secret", [{"parameters": {"api_key": "k"}}, {"headers": {"x-api-key": "hidden"}}])
async def test_keys_are_not_kept(secret: dict[str, dict[str, str]]) -> None:
    kept: dict[str, bytes] = {}

    class Watched(LocalCache):
        async def put(self, key: str, value: bytes, seconds: float) -> None:
            kept[key] = value
            await super().put(key, value, seconds)

    fake = AnySite(pages={"/page": "hello"})
    async with (
        fake.server() as server,
        Fetcher(LocalRateLimiter(), Watched()) as fetcher,
    ):
        site = Site("somewhere", str(server.make_url("")), AT_ONCE, **secret)
        for _ in range(2):
            assert (await fetcher.ask(site, "/page")).body == b"hello"
    assert not any(b"hidden" in each or b"api_key" in each for each in kept.values())


async def test_an_answer_too_large_to_keep_comes_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("papers.sources.fetching.responses.LARGEST", 1000)
    async with open_place(AnySite(pages={"/page": "x" * 1001}), Time()) as place:
        for _ in range(2):
            assert len((await place.ask()).body) == 1001
    assert [asked.get("If-None-Match") for asked in place.fake.headers] == [None, None]


async def test_an_endless_answer_is_cut_off(place: Place) -> None:
    place.fake.pages["/page"] = " " * 300_000
    with pytest.raises(SourceUnavailable, match="larger than 200,000 bytes"):
        await place.ask()
    assert len(place.fake.asked) == 1


async def test_an_answer_that_trickles_is_given_up() -> None:
    async with open_place(AnySite(), Time(), seconds=0.1, attempts=1) as place:
        with pytest.raises(SourceUnavailable, match="it took too long to answer"):
            await place.ask("/drip")


async def test_waiting_for_a_turn_does_not_count_as_slowness() -> None:
    async with (
        AnySite(pages={"/page": "hello"}).server() as server,
        Fetcher(LocalRateLimiter(), LocalCache(), seconds=0.5) as fetcher,
    ):
        site = Site("somewhere", str(server.make_url("")), Pace(0.6))
        await fetcher.ask(site, "/page")
        assert (await fetcher.ask(site, "/page")).body == b"hello"


async def test_nobody_there() -> None:
    time = Time()
    async with open_place(AnySite(), time) as place:
        pass
    async with Fetcher(LocalRateLimiter(), LocalCache(), pause=time.pause) as fetcher:
        with pytest.raises(SourceUnavailable, match="it cannot be reached"):
            await fetcher.ask(place.site(), "/page")
    assert len(time.waits) == 2


async def test_redirects_without_an_end(place: Place) -> None:
    with pytest.raises(SourceUnavailable, match="cannot be read"):
        await place.ask("/round")


async def test_a_key_follows_no_redirect(place: Place) -> None:
    response = await place.fetcher.ask(place.site(headers={"x-api-key": "k"}), "/round")
    assert (response.status, len(place.fake.asked)) == (302, 1)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/page",
        "http://localhost/page",
        "http://[::1]/page",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/page",
        "https://intranet/page",
        "https://example.org/paper",
        "https://notarxiv.org/abs/2406.00001",
        "https://arxiv.org.example.org/abs/2406.00001",
        "https://arxiv.org@10.0.0.1/",
        "https://arxiv.org:8443/abs/2406.00001",
        "ftp://arxiv.org/abs/2406.00001",
        "file:///etc/passwd",
        "http://arxiv.org\\@10.0.0.1/",
        "http://[::ffff:127.0.0.1]/page",
        "http://[::ffff:7f00:1]/page",
        "http://[64:ff9b::7f00:1]/page",
        "http://2130706433/page",
        "http://0x7f000001/page",
        "http://0177.0.0.1/page",
        "http://127.1/page",
        "http://0/page",
        "http://arxiv.org.127.0.0.1/page",
        "http://127.0.0.1%23.arxiv.org/page",
        "http://127.0.0.1#.arxiv.org/page",
        "http://[a.b/page",
        "http://xn--a.b/page",
        "http://xn--/page",
    ],
)
async def test_addresses_that_nothing_is_fetched_from(place: Place, address: str) -> None:
    with pytest.raises(SourceUnavailable, match=r"nothing is fetched from|cannot be read"):
        await place.ask(address)
    for _ in range(3):
        place.fake.say(302, Location=address)
    with pytest.raises(SourceUnavailable, match=r"nothing is fetched from|cannot be read|Invalid URL"):
        await place.ask()
    assert len(place.fake.asked) == 3 - len(place.fake.answers), "nothing but redirects came"


@pytest.mark.parametrize(
    "address",
    [
        "https://arxiv.org/abs/2406.00001",
        "http://www.ARXIV.org./abs/1",
        "https://proceedings.mlr.press:443/v1",
    ],
)
def test_hosts_of_papers_are_listed(address: str) -> None:
    assert is_listed(httpx.URL(address))


def test_no_host_that_is_listed_is_an_address() -> None:
    assert all(host.rpartition(".")[2].isalpha() for host in PUBLIC_HOSTS)


@contextmanager
def names_resolve_to(address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    real: Callable[..., Any] = socket.getaddrinfo

    def response(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        return real(address if host in {"arxiv.org", b"arxiv.org"} else host, port, *rest, **more)

    with monkeypatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", response)
        yield


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "[::1]",
        "[fe80::1]",
        "[fd00::1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::a00:1]",
    ],
)
async def test_no_connection_is_made_to_a_private_address(address: str) -> None:
    async with httpx.AsyncClient(transport=public_only(httpx.AsyncHTTPTransport(trust_env=False))) as client:
        with pytest.raises(httpx.RequestError, match="not globally reachable"):
            await client.get(f"http://{address}/page")


@pytest.mark.parametrize(
    "resolved", ["127.0.0.1", "::ffff:127.0.0.1", "0.0.0.0", "2130706433", "0177.0.0.1", "0x7f.1"]
)
async def test_a_listed_name_that_resolves_to_a_private_address(
    resolved: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = AnySite(pages={"/page": "secret"})
    async with fake.server() as server:
        address = server.make_url("/page").with_host("arxiv.org")
        transport = public_only(httpx.AsyncHTTPTransport(trust_env=False))
        with names_resolve_to(resolved, monkeypatch):
            async with httpx.AsyncClient(transport=transport) as client:
                with pytest.raises(httpx.RequestError, match="not globally reachable"):
                    await client.get(str(address))
    assert fake.asked == []


async def test_a_proxy_of_the_environment_is_used_for_the_operators_addresses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake = AnySite(pages={"/page": "through the proxy"})
    async with fake.server() as server:
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, str(server.make_url("")))
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.setenv(name, "papers.invalid")
        site = Site("somewhere", "http://mirror.invalid", AT_ONCE)
        async with Fetcher(LocalRateLimiter(), LocalCache()) as fetcher:
            assert (await fetcher.ask(site, "/page")).body == b"through the proxy"
            with pytest.raises(SourceUnavailable, match="nothing is fetched from"):
                await fetcher.ask(site, "http://papers.invalid/page")


@pytest.mark.parametrize("text", ["<html>busy</html>", "[" * 100_000, "", "\xff"])
def test_what_is_no_json(text: str) -> None:
    assert Response("somewhere", 200, text.encode("latin-1")).json() is None


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": "no such day"}, "it answered 400: no such day"),
        ({"message": "no"}, "it answered 400: no"),
        ({"error": {"code": 1}}, "it answered 400"),
        (["error"], "it answered 400"),
    ],
)
def test_a_source_says_in_its_own_words_what_is_wrong(body: object, said: str) -> None:
    with pytest.raises(SourceUnavailable) as told:
        Response("somewhere", 400, json.dumps(body).encode()).json()
    assert told.value.detail == said
