"""What a team's people bring is their team's, in every query, until an open source tells of it."""

import inspect
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any, get_type_hints

import pytest

from adapters.console import CONSOLE
from bot.domain.account import Identity
from bot.domain.api_token import Scope
from bot.domain.channel import Context
from bot.domain.descriptions import record_name
from bot.domain.history import ActivityKind
from bot.domain.identifiers import Identifier, title_key
from bot.domain.message import MessageRef
from bot.domain.paper import Outcome, Paper, PaperDraft, PaperFilter, text_hash
from bot.domain.vote import TallyCount, Vote, VoteSource
from storage.sql.store import SqlStore, SqlTransaction
from tests.storage.making import (
    NINE,
    NOW,
    TODAY,
    arrive,
    arxiv,
    doi,
    draft,
    last_digest,
    later,
    origin,
    papers,
    plan,
    put_paper,
    send_all,
    show,
)

TOKEN = "https://example.org/paper.pdf?token=Xyzzy"
NAME = doi("10.5555/zebra")
FAR = 7_654_320
"""The numbers of what the owning team brings come after this, so that none is taken for another."""
_TELLING = re.compile(r"xyzzy|\b7654\d\d\d\b", re.IGNORECASE)
_FINDERS = (
    "get",
    "get_for_each",
    "find_by_identifier",
    "find_by_identifiers",
    "find_by_link",
    "find_by_title",
    "filter",
    "activity",
    "upvotes",
)
_FOR_THE_OPERATOR = {
    "papers.changed_since",
    "papers.identifiers_of",
    "papers.count",
    "paper_admin.find",
    "source_records.of_paper",
    "source_records.of_source",
    "source_records.papers_with",
    "paper_admin.count_dependents",
    "source_polls.to_check",
    "embeddings.get",
    "embeddings.count_missing",
    "embeddings.missing",
    "votes.tallies",
}
"""What the index, the sources and the operator ask, for no team; and a count of a channel's own votes, which
is 0 for any number."""


def brought(title: str = "Xyzzy Says Zebra", *names: Identifier, **fields: Any) -> PaperDraft:
    return draft(title, *names, **{"source": "people", "abstract": "", "links": (TOKEN,), **fields})


async def only(tx: SqlTransaction, paper_id: int, context: Context) -> Paper:
    return (await tx.papers.get([paper_id], context.team_id))[paper_id]


async def deal_with(tx: SqlTransaction, context: Context, paper_id: int, message: str = "m") -> None:
    """Do with a paper whatever a team can."""
    await tx.submissions.put(context, paper_id, NOW)
    await tx.votes.cast(context, paper_id, Vote.UP, VoteSource.COMMAND, NOW)
    await tx.saved.put(context, paper_id, NOW)
    shown = await show(tx, context, message, paper_id)
    await tx.discussions.open(context, paper_id, shown, NOW)
    under = MessageRef(context.channel.external_id, f"{message} answered", message)
    await tx.discussions.comment(context, under, later(minutes=1))


async def two_teams(tx: SqlTransaction) -> tuple[Context, Context, int]:
    """Give one team, another one, and the paper that the first has brought and dealt with."""
    other = await arrive(tx, "eve", "general", "rival")
    await papers(tx, "An Open Zebra")
    await plan(tx, other, *(await tx.papers.arrived(TODAY)))
    await tx.restores.skip_ids(FAR)
    owner = await arrive(tx)
    paper_id, _ = await put_paper(tx, brought("Xyzzy Says Zebra", NAME), NOW, owner.team_id)
    await deal_with(tx, owner, paper_id)
    await plan(tx, owner, paper_id)
    await tx.api_tokens.add(owner, "xyzzy", "hash", scopes=[Scope.READ], now=NOW, expires=later(days=1))
    return owner, other, paper_id


def of_people(asker: Context) -> dict[str, Any]:
    """What to ask every query about people with, by the names of its parameters."""
    return {
        "team_id": asker.team_id,
        "team_ids": [asker.team_id],
        "context": asker,
        "channel": asker.channel,
        "channel_id": asker.channel.id,
        "channel_ids": [asker.channel.id],
        "person_id": asker.person.id,
        "person": asker.person.external_id,
        "external_id": asker.person.external_id,
        "among": [asker.channel.external_id],
        "message": MessageRef(asker.channel.external_id, "m"),
    }


def of_papers(paper_id: int) -> dict[str, Any]:
    """What to ask every query about papers with, by the names of its parameters."""
    wanted = brought("Xyzzy Says Zebra", NAME)
    return {
        "paper_id": paper_id,
        "paper_ids": [paper_id, 1],
        "identifier": NAME,
        "identifiers": [NAME],
        "link": TOKEN,
        "title_key": title_key(wanted.title),
        "drafts": [wanted],
        "record": record_name(wanted),
        "digest": wanted.digest,
        "draft": wanted,
        "text_hashes": [text_hash(wanted.title, "")],
        "exclude": None,
    }


def asked(asker: Context, paper_id: int, digest_id: int) -> dict[str, Any]:
    """What to ask every query with, by the names of its parameters, about everything that there is."""
    return {
        **of_people(asker),
        **of_papers(paper_id),
        "digest_id": digest_id,
        "since": NOW - timedelta(days=7),
        "until": later(days=1),
        "before": later(days=1),
        "failed_since": NOW - timedelta(days=7),
        "moment": NOW - timedelta(days=7),
        "now": NOW,
        "at": NOW,
        "day": TODAY,
        "limit": 100,
        "offset": 0,
        "sequence": 0,
        "model": "a model",
        "name": "arxiv",
        "source": "arxiv",
        "topic": "Mixture of experts",
        "subscription_id": 1,
        "list_id": "a view",
        "platform": CONSOLE,
        "platforms": [CONSOLE],
        "workspace": "rival",
        "origins": [origin("eve", "general", "rival")],
        "origin": origin("eve", "general", "rival"),
        "slot": NINE,
        "slots": [],
        "warning": "",
        "excluded_teams": [],
        "token_hash": "another hash",
        "address_hash": "another hash",
        "external_ids": ["general"],
        "code_hash": "another hash",
        "session_hashes": ["another hash"],
        "identity": Identity(CONSOLE, "rival", "eve"),
        "account_id": 1,
        "account_ids": [1],
    }


def queries(tx: SqlTransaction) -> dict[str, Callable[..., Any]]:
    """Every query of every repository, by its name."""
    return {
        f"{repository}.{name}": getattr(getattr(tx, repository), name)
        for repository, each in vars(SqlTransaction).items()
        if isinstance(each, cached_property)
        for name, _ in inspect.getmembers(get_type_hints(each.func)["return"], inspect.iscoroutinefunction)
        if not name.startswith("_")
    }


def given(
    name: str, ask: Callable[..., Any], asker: Context, paper_id: int, digest_id: int
) -> dict[str, Any]:
    known = asked(asker, paper_id, digest_id)
    special = {
        "papers.filter": {"criteria": PaperFilter(since=date(2000, 1, 1))},
        "papers.arrived": {"since": date(2000, 1, 1)},
        "papers.arrived_in": {"since": date(2000, 1, 1)},
        "papers.posted": {"since": date(2000, 1, 1)},
        "papers.activity_between": {"first": date(2000, 1, 1), "last": date(2999, 1, 1)},
        "papers.nearest_days": {
            "before": date(2999, 1, 1),
            "after": date(2000, 1, 1),
            "until": date(2999, 1, 1),
        },
        "papers.submitters": {"first": date(2000, 1, 1), "last": date(2999, 1, 1)},
        "papers.get_for_each": {"requests": [([paper_id], asker.team_id), ([paper_id], None)]},
        "paper_statuses.get_for_each": {"requests": [(asker.channel.id, [paper_id], asker.person.id)]},
        "digests.planned_keys": {"since": date(2000, 1, 1)},
        "digests.channels_warned": {"since": date(2000, 1, 1)},
        "source_runs.since": {"day": date(2000, 1, 1)},
        "embeddings.missing": {"after": ""},
    }
    wanted = {}
    for parameter in inspect.signature(ask).parameters.values():
        if parameter.name in (own := special.get(name, {})):
            wanted[parameter.name] = own[parameter.name]
        elif parameter.name in known:
            wanted[parameter.name] = known[parameter.name]
        elif parameter.default is inspect.Parameter.empty and parameter.kind is not parameter.VAR_POSITIONAL:
            raise LookupError(f"say in this test what to ask {name} with as {parameter.name}")
    return wanted


WRITES = {
    "source_polls": {"claim", "extend_lease", "finish", "mark_checked"},
    "paper_admin": {"remove"},
    "paper_rows": {
        *("lock", "next_sequence", "insert", "replace", "update", "add_team_names", "absorb", "absorb_owned"),
        *("remove_identifiers", "reject_identifiers", "accept_own_identifiers", "separate"),
    },
    "accounts": {
        *("ensure", "link", "unlink", "put_code", "take_code"),
        *("open_session", "close_session", "close_sessions", "sweep"),
    },
    "api_tokens": {"add", "end", "mark_used"},
    "digests": {"plan", "cancel_unsent", "cancel_inactive"},
    "directory": {"change_settings", "resolve", "ensure_person", "join_team"},
    "discussions": {"open", "comment"},
    "feed_addresses": {"add", "end", "mark_used"},
    "inbox": {"add", "sweep"},
    "installations": {"put", "revoke"},
    "messages": {
        "record",
        "record_tally",
        "record_preview",
        "mark_recounted",
        "unlink",
        "claim_link_answer",
        "forget",
    },
    "news": {"record", "plan"},
    "papers": {"hide_samples"},
    "reactions": {"lock", "change", "recount", "sweep"},
    "restores": {"record", "mark_posts_unknown", "mark_news_delivered", "skip_ids"},
    "saved": {"put", "remove"},
    "schedule": {"claim", "postpone", "lock_channels", "set_due"},
    "source_records": {"put", "set_aside", "delete", "delete_source", "move"},
    "source_runs": {"record"},
    "submissions": {"put"},
    "subscriptions": {"put", "pause", "end"},
    "citations": {"put"},
    "embeddings": {"put", "forget"},
    "result_lists": {"put", "sweep"},
    "votes": {"cast"},
}
"""What changes something; of the outbox, whatever may be done with a post that one has claimed."""


def reads(name: str) -> bool:
    repository, _, query = name.partition(".")
    if repository == "outbox":
        return query in {"next_due", "list_troubles", "pending_notifications"}
    return query not in WRITES.get(repository, set())


async def walked(tx: SqlTransaction, asker: Context, paper_id: int) -> dict[str, str]:
    """Ask every query for a team; what each answers."""
    latest = await last_digest(tx, asker)
    assert latest is not None
    answers = {}
    for name, ask in queries(tx).items():
        if reads(name):
            wanted = given(name, ask, asker, paper_id, latest.id)
            answers[name] = repr(await ask(**wanted))
    return answers


async def test_no_query_tells_a_team_what_another_brought(store: SqlStore) -> None:
    async with store.writing() as tx:
        owner, other, paper_id = await two_teams(tx)
        assert paper_id > FAR
    async with store.reading() as tx:
        told = await walked(tx, other, paper_id)
        own = await walked(tx, owner, paper_id)
    telling = {name for name, answer in told.items() if _TELLING.search(answer)}
    assert telling <= _FOR_THE_OPERATOR
    for name in _FINDERS:
        assert _TELLING.search(own[f"papers.{name}"]), name
    assert _TELLING.search(own["papers.arrived_in"])
    assert _TELLING.search(own["api_tokens.of_person"])
    assert _TELLING.search(own["discussions.history"])
    assert set(told) > {
        "paper_statuses.get",
        "messages.find_cards",
        "saved.page",
        "votes.leaders",
        "digests.get",
    }


async def test_two_teams_bring_the_same_name_and_each_has_its_own(store: SqlStore) -> None:
    async with store.writing() as tx:
        ours, theirs = await arrive(tx), await arrive(tx, "eve", "general", "rival")
        one, _ = await put_paper(tx, brought("Ours", NAME), NOW, ours.team_id)
        other, outcome = await put_paper(tx, brought("Theirs", NAME), NOW, theirs.team_id)
        again, _ = await put_paper(tx, brought("Theirs, Better", NAME), NOW, theirs.team_id)
        assert outcome is Outcome.NEW
        assert one != other == again
        assert await tx.papers.unchanged([brought("Ours", NAME)], theirs.team_id) == [None]
        assert (await only(tx, one, ours)).title == "Ours"
        assert (await only(tx, other, theirs)).title == "Theirs, Better"
        assert await tx.papers.get([one, other]) == {}
        assert await tx.papers.find_by_identifier(NAME) is None


async def test_what_people_say_leaves_an_open_paper_as_it_is(store: SqlStore) -> None:
    theirs_alone = arxiv("2401.00001")
    async with store.writing() as tx:
        ours, theirs = await arrive(tx), await arrive(tx, "eve", "general", "rival")
        known, _ = await put_paper(tx, draft("Zebras", NAME, links=("https://doi.org/10.5555/zebra",)), NOW)
        before = await tx.papers.get([known])
        insult = brought("Xyzzy", NAME, theirs_alone)
        assert await put_paper(tx, insult, NOW, ours.team_id) == (known, Outcome.UNCHANGED)
        assert await tx.papers.get([known], theirs.team_id) == before
        assert await tx.papers.get([known], ours.team_id) == before
        assert await tx.papers.find_by_link(TOKEN, ours.team_id) == known
        assert await tx.papers.find_by_identifier(theirs_alone, ours.team_id) == known
        assert await put_paper(tx, replace(insult, title="Other"), NOW, ours.team_id) == (
            known,
            Outcome.UNCHANGED,
        )
        for team_id in (theirs.team_id, None):
            assert await tx.papers.find_by_link(TOKEN, team_id) is None
            assert await tx.papers.find_by_identifier(theirs_alone, team_id) is None
        other, outcome = await put_paper(tx, draft("Horses", theirs_alone), NOW)
        assert (outcome, await tx.papers.find_by_identifier(theirs_alone, ours.team_id)) == (
            Outcome.NEW,
            other,
        )


async def test_what_people_say_never_joins_open_papers(store: SqlStore) -> None:
    async with store.writing() as tx:
        ours = await arrive(tx)
        one, _ = await put_paper(tx, draft("Zebras", doi("10.1/a")), NOW)
        other, _ = await put_paper(tx, draft("Horses", doi("10.1/b")), NOW)
        await put_paper(tx, brought("X", doi("10.1/a"), doi("10.1/b"), arxiv("1")), NOW, ours.team_id)
        await put_paper(tx, brought("Zebras", doi("10.1/zzz")), NOW, ours.team_id)
        assert set(await tx.papers.get([one, other])) == {one, other}
        assert (await put_paper(tx, draft("zebras", arxiv("2")), NOW))[0] == one


@pytest.mark.parametrize("known", [False, True])
async def test_a_source_that_tells_of_it_joins_the_rows_of_all_teams(store: SqlStore, known: bool) -> None:
    async with store.writing() as tx:
        ours, theirs = await arrive(tx), await arrive(tx, "eve", "general", "rival")
        by_name, _ = await put_paper(tx, brought("Xyzzy", NAME), NOW, ours.team_id)
        by_title, _ = await put_paper(tx, brought("The True Zebra"), NOW, theirs.team_id)
        for context, paper_id in ((ours, by_name), (theirs, by_title)):
            await deal_with(tx, context, paper_id)
            await plan(tx, context, paper_id)
        await send_all(tx)
        source = draft("The True Zebra", NAME, links=("https://arxiv.org/abs/1",))
        if known:
            await put_paper(tx, replace(source, identifiers=frozenset({arxiv("1")}), title="Z"), NOW)
            source = replace(source, identifiers=source.identifiers | {arxiv("1")})
        paper_id, outcome = await put_paper(tx, source, later(days=1))
        assert outcome is Outcome.UPDATED
        assert known or paper_id == by_name, "people know it by that number"
    async with store.reading() as tx:
        for context, old in ((ours, by_name), (theirs, by_title)):
            paper = await only(tx, old, context)
            assert (paper.id, paper.team_id, paper.title) == (paper_id, None, "The True Zebra")
            assert (paper.links, paper.origins) == (source.links, {})
            marks = (await tx.paper_statuses.get(context.channel.id, [old], context.person.id))[old]
            assert (marks.tally, marks.own_vote, marks.saved) == (TallyCount(up=1), Vote.UP, True)
            assert (marks.discussed, marks.posted) == (True, True)
            [entry], total = await tx.discussions.history(context.channel.id, 10, 0)
            assert (entry.paper_id, total) == (paper_id, 1)
            assert entry.activities == {
                ActivityKind.POSTED,
                ActivityKind.SHOWN,
                ActivityKind.DISCUSSED,
                ActivityKind.VOTED,
            }
            assert await tx.papers.find_by_link(TOKEN, context.team_id) == paper_id
        assert await tx.papers.find_by_link(TOKEN) is None
        assert await tx.papers.find_by_identifier(NAME) == paper_id


async def test_one_teams_claim_keeps_no_paper_from_being_joined(store: SqlStore) -> None:
    async with store.writing() as tx:
        ours, theirs = await arrive(tx), await arrive(tx, "eve", "general", "rival")
        known, _ = await put_paper(tx, draft("Zebras", arxiv("1")), NOW)
        elsewhere, _ = await put_paper(tx, brought("Horses", doi("10.1/false")), NOW, ours.team_id)
        right, _ = await put_paper(tx, brought("Horses", doi("10.1/true")), NOW, theirs.team_id)
        horses, _ = await put_paper(tx, draft("Horses", doi("10.1/true")), NOW)
        assert known != horses
        assert (await only(tx, right, theirs)).id == horses
        assert (await only(tx, elsewhere, ours)).id == elsewhere
