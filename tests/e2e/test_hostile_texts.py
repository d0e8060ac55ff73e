"""Whatever people write, and wherever: it is stored clean, on both databases, and nothing fails of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select

from adapters.console import CONSOLE
from adapters.console.adapter import ConsoleSession, Operator
from adapters.console.outbound.history import History
from adapters.console.outbound.screen import Screen, recorder
from adapters.console.outbound.surface import ConsoleSurface
from app.wiring import assembled, console_record
from bot.commands import COMMANDS
from bot.domain.channel import Origin
from bot.domain.cleaning import clean_text
from bot.domain.errors import UserError
from bot.domain.identifiers import Identifier, Scheme
from bot.domain.message import Ephemeral, MessageRef
from bot.domain.paper import PaperDraft
from bot.domain.vote import Reaction, Vote
from bot.protocol.actions import from_token
from bot.protocol.arguments import SuggestionKind
from bot.protocol.events import (
    ActionPressed,
    ChannelLost,
    ChannelRenamed,
    CommandInvoked,
    FormSubmitted,
    HomeOpened,
    Invited,
    LinkShared,
    MessageChosen,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    ReactionChanged,
    ReactionsSnapshot,
    SuggestionsRequested,
    Uninstalled,
)
from bot.protocol.replies import Notice, Reply
from storage.sql.engine import make_engine
from storage.sql.migrations import migrate
from storage.sql.tables import Base
from tests.e2e.conftest import MONDAY
from tests.fuzz.making import TEXT, WORDS
from tests.servers.slack.payloads import callback

HOSTILE = "Mix\0ture of\ud800 ex\u200bperts\x1b[2J\u202e"
CLEAN = "Mixture of experts[2J"


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The address of a migrated database; an empty one is the test's own file."""
    if request.param == "sqlite":
        yield ""
    else:
        async with request.getfixturevalue("postgres").database(migrate) as url:
            yield url


async def texts_in(url: str) -> list[str]:
    """Every text in every table, those in JSON as well."""
    engine = make_engine(url)
    async with engine.connect() as connection:
        rows = [
            row for table in Base.metadata.sorted_tables for row in await connection.execute(select(table))
        ]
    await engine.dispose()
    return [text for row in rows for value in row for text in texts_of(value)]


def texts_of(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False).split('"')
    return []


async def assert_stored_clean(url: str) -> None:
    texts = await texts_in(url)
    assert any(CLEAN in text for text in texts)
    assert [text for text in texts if clean_text(text) != text] == []


async def test_what_is_typed_at_the_console(settings, clock, embedder, database_url, drafts):
    over = settings.model_copy(update={"database_url": database_url})
    surface = ConsoleSurface(History(console_record(over)), Screen(recorder()), clock)
    async with assembled(over, {CONSOLE: surface}, clock, embedder) as parts:
        await parts.library.add(drafts)
        session = ConsoleSession(
            parts.bot.receive,
            surface,
            {command.name: command.summary for command in COMMANDS},
            parts.tally_updates.settle,
            Operator(None, None),
            person="An\0n",
        )
        await session.enter(f"sub\0scribe {HOSTILE}")
        await session.enter(f"search {HOSTILE}")
        await session.enter(f'add https://example.org/\0x title:"{HOSTILE}"')
        await session.enter(f"/say https://example.org/\0y {HOSTILE}")
    await assert_stored_clean(over.database)


async def test_what_sources_and_files_tell(settings, clock, embedder, database_url):
    over = settings.model_copy(update={"database_url": database_url})
    draft = PaperDraft(
        HOSTILE,
        HOSTILE,
        "file",
        authors=(HOSTILE,),
        identifiers=frozenset({Identifier(Scheme.DOI, "10.1000/\0x")}),
        links=("https://example.org/\0x",),
        categories=("cs.\0CL",),
        submitted_by=HOSTILE,
    )
    async with assembled(over, {}, clock, embedder) as parts:
        await parts.library.add([draft, draft])
        async with parts.store.reading() as tx:
            assert await tx.papers.count() == 1
    await assert_stored_clean(over.database)


async def test_what_comes_from_slack(open_workspace, slack, slack_settings, database_url):
    slack.world.people["U1ADA"] = replace(slack.world.people["U1ADA"], name=HOSTILE)
    async with open_workspace(database_url) as workspace:
        await workspace.says(f"subscribe {HOSTILE}")
        await workspace.says(f'add https://example.org/x title:"{HOSTILE}"')
    await assert_stored_clean(database_url or slack_settings.database)


async def test_an_event_that_cannot_be_read_is_acknowledged(open_workspace, slack, caplog):
    without_item = {"type": "reaction_added", "user": "U1ADA", "reaction": "+1", "event_ts": "1.2"}
    said = {"type": "message", "user": "U1ADA", "channel": "C1PAPERS", "text": "<http://[a.b>", "ts": "1.2"}
    async with open_workspace() as workspace:
        for event in (without_item, {**said, "ts": None}, said):
            sent = await slack.deliver("events_api", callback(slack.world, event))
            await sent.acked()
        await workspace.says("trending")
    assert caplog.text.count("a malformed event from Slack") == 2


async def test_what_comes_from_discord(open_guild, discord_settings, database_url):
    async with open_guild(discord_settings.model_copy(update={"database_url": database_url})) as guild:
        await guild.says(f"subscribe {HOSTILE}")
        await guild.says(f'add https://example.org/x title:"{HOSTILE}"')
    await assert_stored_clean(database_url or discord_settings.database)


class Answers:
    """A conversation that keeps what is said."""

    def __init__(self) -> None:
        self.said: list[Reply] = []

    async def ack(self) -> None:
        pass

    async def working(self, text: str) -> None:
        pass

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        self.said.append(reply)
        return Ephemeral() if private else MessageRef("C1", str(len(self.said)))

    async def replace(self, reply: Reply) -> None:
        self.said.append(reply)


ORIGINS = st.builds(
    Origin,
    st.just(CONSOLE),
    st.just("lab"),
    st.just("C1") | TEXT,
    st.just("ann") | TEXT,
    person_name=TEXT,
    channel_name=TEXT,
    direct=st.booleans(),
)
MESSAGES = st.builds(MessageRef, st.just("C1") | TEXT, TEXT, st.none() | TEXT)
LINKS = st.lists(TEXT, max_size=3).map(tuple)
NAMES = st.sampled_from([command.name for command in COMMANDS])


def told(event: Any, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(event, origin=ORIGINS, **fields)


def _action(token: str) -> Any:
    try:
        return from_token(token)
    except UserError:
        return from_token("save:1")


REACTIONS = st.builds(Reaction, TEXT, st.sampled_from([Vote.UP, Vote.DOWN]))
IDS, AT, ONE = st.none() | TEXT, st.just(MONDAY), {"message": MESSAGES}
NUMBERS = st.integers(0, 2**63 - 1).map(str)
TOKENS = st.tuples(st.sampled_from(["save", "show", "end", "discuss", "related", "summarize"]), NUMBERS)
EVENTS = st.one_of(
    told(CommandInvoked, name=NAMES | TEXT, arguments=WORDS, event_id=IDS),
    told(CommandInvoked, name=NAMES, arguments=st.dictionaries(TEXT | st.just("topic"), TEXT, max_size=3)),
    told(ActionPressed, action=TOKENS.map(":".join).map(_action), event_id=IDS),
    told(
        ActionPressed, action=st.tuples(TEXT, NUMBERS).map(lambda pair: _action(f"page:{pair[0]}:{pair[1]}"))
    ),
    told(
        FormSubmitted, command=NAMES | TEXT, values=st.dictionaries(st.just("topic") | TEXT, TEXT, max_size=3)
    ),
    told(SuggestionsRequested, kind=st.sampled_from(SuggestionKind), prefix=TEXT),
    told(HomeOpened),
    told(ReactionChanged, reaction=REACTIONS, added=st.booleans(), at=AT, **ONE),
    told(
        ReactionsSnapshot,
        votes=st.lists(st.tuples(TEXT, REACTIONS), max_size=2).map(tuple),
        at=AT,
        **ONE,
    ),
    told(MessagePosted, at=AT, links=LINKS, event_id=IDS, **ONE),
    told(MessageEdited, at=AT, links=LINKS, event_id=IDS, **ONE),
    told(LinkShared, at=AT, links=LINKS, event_id=IDS, **ONE),
    told(MessageChosen, links=LINKS, event_id=IDS, **ONE),
    told(MessageDeleted, event_id=IDS, **ONE),
    told(Invited, event_id=IDS),
    told(ChannelRenamed, event_id=IDS),
    told(ChannelLost, why=TEXT, event_id=IDS),
    st.builds(Uninstalled, platform=st.just(CONSOLE), workspace=TEXT),
)


_quickly = hypothesis_settings(
    max_examples=150,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_no_event_comes_to_an_error_of_ours(  # noqa: PLR0917 - fixtures
    kind, request, settings, clock, embedder, drafts, caplog
):
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        url = ""
        if kind == "postgresql":
            prepared = request.getfixturevalue("postgres").database(migrate)
            url = runner.run(stack.enter_async_context(prepared))
        over = settings.model_copy(update={"database_url": url})
        surface = ConsoleSurface(History(console_record(over)), Screen(recorder()), clock)
        opened = assembled(over, {CONSOLE: surface}, clock, embedder)
        parts = runner.run(stack.enter_async_context(opened))
        runner.run(parts.library.add(drafts))

        @_quickly
        @given(EVENTS)
        def check(event: Any) -> None:
            answers = Answers()
            caplog.clear()
            runner.run(parts.bot.receive(event, answers))
            wrong = [each for each in answers.said if isinstance(each, Notice) and "our side" in each.text]
            assert wrong == [], caplog.text

        check()
        runner.run(parts.tally_updates.settle())
        runner.run(stack.aclose())
