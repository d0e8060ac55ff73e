"""What `/metrics` shows, scraped over a connection to 127.0.0.1 and read by Prometheus' own parser."""

import asyncio
import json
import math
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from adapters.common.conversation import NullConversation
from adapters.console import CONSOLE
from adapters.console.outbound.history import History
from adapters.console.outbound.screen import Screen, recorder
from adapters.console.outbound.surface import ConsoleSurface
from app.http.server import served
from app.metrics.assembling import metrics_route_of, new_metrics
from app.metrics.prometheus import PrometheusMetrics
from app.wiring import Parts, assembled, console_record
from bot.commands import COMMANDS
from bot.domain.channel import Origin, Platform
from bot.domain.errors import NotSent, TooBusy
from bot.domain.source import SourceRun, SourceState
from bot.domain.vote import Vote
from bot.ports.coordination import Pace
from bot.protocol.actions import CastVote, Save, TurnPage
from bot.protocol.events import ActionPressed, CommandInvoked, FormSubmitted
from storage.sql.store import SqlStore
from tests.e2e.test_processes import free_port, health
from tests.papers.word_vectors import WordVectors
from tests.turns import by_clock
from tests.waiting import DEADLINE, until

ROOT = Path(__file__).parents[2]
TOKEN = "correct-horse"
ADA = Origin(CONSOLE, "console", "#general", "ada")


class Deaf(NullConversation):
    """A platform that takes no answer."""

    async def reply(self, _reply, **_how):
        raise NotSent("It is busy.")


@dataclass
class Running:
    """The bot with its metrics, and who asks for them."""

    parts: Parts
    metrics: PrometheusMetrics
    client: httpx.AsyncClient

    async def scrape(self, **headers: str) -> dict[str, dict[tuple[str, ...], float]]:
        """By the name of a sample, its values by those of its labels, in the order of the labels' names."""
        answer = await self.client.get("/metrics", headers=headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, dict[tuple[str, ...], float]] = {}
        for family in text_string_to_metric_families(answer.text):
            for sample in family.samples:
                labels = tuple(value for _, value in sorted(sample.labels.items()))
                found.setdefault(sample.name, {})[labels] = sample.value
        return found

    async def receive(self, event, conversation=None) -> None:
        await self.parts.bot.receive(event, conversation or NullConversation())

    async def says(self, name: str, arguments: str = "", conversation=None, **more: str) -> None:
        event = CommandInvoked(origin=ADA, name=name, arguments=arguments, **more)
        await self.receive(event, conversation)


async def answered(_request):
    return PlainTextResponse("here")


PAGES = [
    Route("/papers/{number}", answered),
    Mount("/mounted", routes=[Route("/{name}", answered)]),
    Mount("/whole", app=Starlette(routes=[Route("/inside/{name}", answered)])),
]


@pytest.fixture
async def running(settings, clock, drafts) -> AsyncIterator[Running]:
    metrics = new_metrics()
    surface = ConsoleSurface(History(console_record(settings)), Screen(recorder()), clock)
    opened = assembled(settings, {CONSOLE: surface}, clock, WordVectors(), by_clock(clock), metrics=metrics)
    async with opened as parts:
        await parts.library.add(drafts)
        routes = [*PAGES, metrics_route_of(metrics, parts, settings)]
        async with (
            served("127.0.0.1", 0, routes, metrics=metrics) as port,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
        ):
            yield Running(parts, metrics, client)
            await parts.tally_updates.settle()


async def test_commands_are_counted_by_how_they_ended(running):
    await running.says("show", "#1", event_id="one")
    await running.says("show", "#1", event_id="one")
    await running.says("show", "#999")
    await running.says("show", "#2", Deaf())
    await running.says("show", "#999", Deaf())
    await running.says("")
    async with running.parts.store._writing_engine.begin() as connection:
        await connection.execute(text("DROP TABLE saved"))
    await running.says("saved")
    counted = (await running.scrape())["paperclub_commands_total"]
    assert counted == {
        ("show", "answered", "console"): 1,
        ("show", "refused", "console"): 1,
        ("show", "undelivered", "console"): 2,
        ("help", "answered", "console"): 1,
        ("saved", "failed", "console"): 1,
    }
    timed = (await running.scrape())["paperclub_command_seconds_count"]
    assert timed[("undelivered", "console")] == 2


async def test_buttons_and_forms_are_the_commands_that_they_run(running):
    for action in (CastVote(1, Vote.UP), Save(1), TurnPage("none", 2)):
        await running.receive(ActionPressed(origin=ADA, action=action))
    await running.receive(
        FormSubmitted(origin=ADA, command="subscribe", values={"topic": "x", "at": "25:00"})
    )
    await running.receive(FormSubmitted(origin=ADA, command="subscribe", values={"topic": "x"}))
    assert (await running.scrape())["paperclub_commands_total"] == {
        ("vote", "answered", "console"): 1,
        ("save", "answered", "console"): 1,
        ("subscribe", "refused", "console"): 1,
        ("subscribe", "answered", "console"): 1,
    }


async def test_what_people_type_and_callers_ask_for_makes_no_label(running):
    for number in range(30):
        await running.says(f"word{number}")
        await running.client.get(f"/papers/{number}")
        await running.client.get(f"/mounted/name{number}")
        await running.client.get(f"/whole/inside/name{number}")
        await running.client.get(f"/nowhere/{number}")
        await running.client.request(f"VERB{number}", "/papers/1")
        running.metrics.waited(f"example{number}.org", 0.0, given_up=False)
        running.metrics.command(Platform(f"platform{number}"), "help", "answered", 0.0)
    await running.receive(CommandInvoked(origin=ADA, name="help"))
    shown = await running.scrape()
    commands = {labels[0] for labels in shown["paperclub_commands_total"]}
    assert commands == {"unknown", "help"}
    assert commands - {"unknown"} < {command.name for command in COMMANDS}
    assert {labels[-1] for labels in shown["paperclub_commands_total"]} == {"console", "other"}
    assert {labels[0] for labels in shown["paperclub_rate_limit_wait_seconds_count"]} == {"other"}
    assert shown["paperclub_http_requests_total"] == {
        ("GET", "/papers/{number}", "200"): 30,
        ("GET", "/mounted/{name}", "200"): 30,
        ("GET", "/whole/inside/{name}", "200"): 30,
        ("GET", "unmatched", "404"): 30,
        ("other", "/papers/{number}", "405"): 30,
    }
    assert shown["paperclub_http_request_seconds_count"]["/papers/{number}",] == 60


async def test_waits_for_a_turn_are_timed(running):
    for _ in range(3):
        async with running.parts.limiter.turn("slack:T1:chat.postMessage", Pace(2.0), 10.0):
            pass
    with pytest.raises(TooBusy):
        async with running.parts.limiter.turn("slack:T1:chat.postMessage", Pace(2.0), 1.0):
            pass
    shown = await running.scrape()
    assert shown["paperclub_rate_limit_wait_seconds_sum"] == {("slack",): 4.0}
    assert shown["paperclub_rate_limit_wait_seconds_count"] == {("slack",): 4}
    assert shown["paperclub_rate_limit_given_up_total"] == {("slack",): 1}


async def test_the_index_and_the_encoder(running, drafts):
    await running.says("search", "mixture of experts")
    shown = await running.scrape()
    assert shown["paperclub_index_papers"] == {("full_text",): len(drafts), ("vectors",): len(drafts)}
    # The marks in the results ask for the query once more.
    assert shown["paperclub_encoded_texts_total"] == {("papers",): len(drafts), ("queries",): 2}
    assert shown["paperclub_encode_seconds_count"][("queries",)] == 2


async def test_figures_of_the_database(running, clock):
    await running.says("subscribe", "mixture of experts at:09:00")
    clock.forward(hours=3)
    await running.parts.planner.plan_due()
    feed, *_ = running.parts.sources.feeds
    async with running.parts.store.writing() as tx:
        run = SourceRun(feed.name, clock.now().date(), SourceState.COMPLETE, 5, clock.now())
        await tx.source_runs.record(run)
        for source in ("titles", "a source of old"):
            await tx.source_polls.claim(source, "one", clock.now(), clock.now())
    clock.forward(minutes=10)
    shown = await running.scrape()
    assert shown["paperclub_database_up"] == {(): 1}
    assert shown["paperclub_posts"][("planned",)] >= 2
    assert set(shown["paperclub_posts"]) == {
        (state,) for state in ("planned", "sending", "sent", "unknown", "resolved", "failed")
    }
    assert shown["paperclub_outbox_doubts"] == {(): 0}
    due = shown["paperclub_oldest_due_post_seconds"]
    assert due == {("console",): 600, ("slack",): 0, ("discord",): 0, ("email",): 0}
    assert shown["paperclub_source_age_seconds"] == {(feed.name,): 600, ("titles",): math.inf}


class Counting(SqlStore):
    """Counts how often it is read."""

    reads = 0

    async def figures(self):
        self.reads += 1
        return await super().figures()


async def test_the_database_is_read_once_in_some_seconds_however_many_ask(running, clock, settings):
    store = Counting(settings.database)
    database = next(each for each in running.metrics.registry._collector_to_names if hasattr(each, "refresh"))
    database._store = store
    await asyncio.gather(*(running.scrape() for _ in range(10)))
    assert store.reads == 1
    clock.forward(seconds=4)
    await running.scrape()
    assert store.reads == 1
    clock.forward(seconds=1)
    await running.scrape()
    assert store.reads == 2
    await store.close()


async def test_a_database_that_does_not_answer_is_shown_and_the_rest_as_well(running, clock):
    database = next(each for each in running.metrics.registry._collector_to_names if hasattr(each, "refresh"))
    assert (await running.scrape())["paperclub_database_up"] == {(): 1}
    answering = database._store
    database._store = SqlStore("postgresql://nobody@127.0.0.1:9/nothing")
    clock.forward(seconds=5)
    shown = await running.scrape()
    assert shown["paperclub_database_up"] == {(): 0}
    assert "paperclub_posts" not in shown
    assert shown["paperclub_index_papers"]
    database._store = answering
    clock.forward(seconds=5)
    assert (await running.scrape())["paperclub_database_up"] == {(): 1}


async def test_it_speaks_open_metrics_to_those_who_ask_for_it(running):
    await running.says("help")
    accept = "application/openmetrics-text; version=1.0.0"
    answer = await running.client.get("/metrics", headers={"Accept": accept})
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    assert {"paperclub_commands", "process_cpu_seconds"} <= {
        family.name for family in open_metrics(answer.text)
    }


async def ask(running, settings, client="127.0.0.1", token="", **headers):
    """Ask as another computer would, which a test over 127.0.0.1 cannot."""
    with_token = settings.model_copy(update={"metrics_token": type(settings.metrics_token)(token)})
    route = metrics_route_of(new_metrics(), running.parts, with_token)
    transport = httpx.ASGITransport(Starlette(routes=[route]), client=(client, 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8080") as asking:
        return await asking.get(
            "/metrics", headers={each.replace("_", "-"): headers[each] for each in headers}
        )


@pytest.mark.parametrize("client", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080"])
async def test_programs_on_this_computer_need_no_token(running, settings, client, host):
    for token in ("", TOKEN):
        assert (await ask(running, settings, client, token, Host=host)).status_code == 200


ELSEWHERE = [
    ("192.0.2.7", {}),
    ("::ffff:192.0.2.7", {}),
    ("testclient", {}),
    ("127.0.0.1", {"X_Forwarded_For": "192.0.2.7"}),
    ("127.0.0.1", {"X_Forwarded_For": "127.0.0.1"}),
    ("127.0.0.1", {"x_forwarded_host": "papers.example.org"}),
    ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}),
    ("127.0.0.1", {"Via": "1.1 proxy"}),
    ("127.0.0.1", {"X_Real_IP": "192.0.2.7"}),
    ("127.0.0.1", {"Host": "papers.example.org"}),
    ("127.0.0.1", {"Host": "localhost.example.org"}),
    ("127.0.0.1", {"Host": "[::1"}),
    ("127.0.0.1", {"Host": ""}),
]


@pytest.mark.parametrize(("client", "headers"), ELSEWHERE)
async def test_others_need_the_token(running, settings, client, headers):
    answer = await ask(running, settings, client, TOKEN, **headers)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="metrics"')
    assert "Authorization: Bearer TOKEN" in answer.text
    assert "paperclub_" not in answer.text
    for scheme in ("Bearer", "bearer"):
        right = headers | {"Authorization": f"{scheme} {TOKEN}"}
        assert (await ask(running, settings, client, TOKEN, **right)).status_code == 200


@pytest.mark.parametrize("client", ["127.0.0.1", "192.0.2.7"])
@pytest.mark.parametrize(
    "given", ["Bearer wrong", "Bearer ", "Bearer", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer \xe9\xff"]
)
async def test_a_wrong_token_is_refused_from_anywhere(running, settings, client, given):
    answer = await ask(running, settings, client, TOKEN, Authorization=given.encode("latin-1"))
    assert answer.status_code == 403
    assert "PAPERCLUB_METRICS_TOKEN" in answer.text
    assert TOKEN not in answer.text


@pytest.mark.parametrize("given", [{}, {"Authorization": "Bearer"}, {"Authorization": "Bearer x"}])
async def test_where_no_token_is_set_there_is_no_right_one(running, settings, given):
    answer = await ask(running, settings, "192.0.2.7", "", **given)
    assert answer.status_code == 403
    assert "set PAPERCLUB_METRICS_TOKEN" in answer.text


async def test_the_page_on_operations_explains_every_metric_with_its_labels(running):
    await running.says("search", "experts")
    await running.client.get("/papers/1")
    async with running.parts.limiter.turn("slack", Pace(0.0), 1.0):
        pass
    running.metrics.waited("slack", 0.0, given_up=True)
    async with running.parts.store.writing() as tx:
        await tx.source_polls.claim("titles", "one", running.parts.clock.now(), running.parts.clock.now())
    answer = await running.client.get("/metrics")
    shown = {}
    for family in text_string_to_metric_families(answer.text):
        if family.name.startswith("paperclub_"):
            name = family.name + ("_total" if family.type == "counter" else "")
            (labels,) = {tuple(sorted(each.labels.keys() - {"le"})) for each in family.samples}
            shown[name] = labels
    page = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    section = page.partition("## Metrics")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(paperclub_\w+)` \|([^|]*)\| [^|]+ \|$", section, re.MULTILINE)
    assert {name: tuple(sorted(re.findall(r"`(\w+)`", labels))) for name, labels in rows} == shown
    used = set(re.findall(r"paperclub_\w+", section))
    assert {re.sub(r"_(bucket|sum|count)$", "", name) for name in used} == set(shown)


def test_only_a_running_server_has_prometheus_in_it():
    program = (
        "import sys, app.cli, app.chat, app.doctor, app.wiring; "
        "assert 'prometheus_client' not in sys.modules; "
        "import app.serve; assert 'prometheus_client' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


def test_a_process_shows_its_metrics_and_logs_nothing_but_json(process):
    port = free_port()
    running = process(
        "run",
        PAPERCLUB_PORT=str(port),
        PAPERCLUB_INGEST_MINUTES="0",
        PAPERCLUB_LOG_FORMAT="json",
        PAPERCLUB_LOG_FORM="no such setting",
    )
    until(lambda: health(port) == 200)
    answer = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False)
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert families["process_resident_memory_bytes"].samples[0].value > 0
    assert families["paperclub_database_up"].samples[0].value == 1
    paths = {sample.labels["route"] for sample in families["paperclub_http_requests"].samples}
    assert "/healthz" in paths
    running.terminate()
    output, _ = running.communicate(timeout=DEADLINE)
    lines = [json.loads(line) for line in output.splitlines()]
    assert "PAPERCLUB_LOG_FORM" in lines[0]["message"]
    assert lines[-1]["message"] == "Stopping"
