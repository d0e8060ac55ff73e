"""What is fuzzed: for each border what it is fed with, and what must hold of its answer."""

import gzip
import io
import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from discord import InteractionType
from hypothesis import strategies as st

from adapters.console.inbound import events as console
from adapters.discord.inbound import events as discord
from adapters.discord.inbound import interactions as discord_interactions
from adapters.discord.outbound.channels import DM, DiscordChannel, Location, parse_channel
from adapters.discord.render import text as discord_text
from adapters.slack.inbound import events as slack
from adapters.slack.inbound import interactions as slack_interactions
from adapters.slack.inbound.events import MALFORMED
from adapters.slack.render import text as slack_text
from bot.commands import COMMANDS
from bot.domain import identifiers, web_links, zones
from bot.domain.cleaning import clean
from bot.domain.errors import UserError
from bot.domain.paper import PaperDraft
from bot.protocol import values
from bot.protocol.actions import TOKEN_LIMIT, from_token, to_token
from bot.protocol.arguments import Arguments, split_command
from papers import latex
from papers import text as paper_text
from papers.formats import files
from papers.formats.records import BadLine
from tests.fuzz.checks import assert_clean, assert_event
from tests.fuzz.making import TEXT, WORDS, damaged, damaged_bytes
from tests.fuzz.recorded import discord_payloads, slack_payloads
from tests.servers.sources.arxiv import arxiv_entry

BOT_USER = "900"
NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
TODAY = date(2026, 11, 25)
GUILD = Location("250", DiscordChannel("260", 0, "papers", "250"))
SPOTS = (
    GUILD,
    Location("250", GUILD.channel, "270"),
    Location("250", DiscordChannel("280", DM, recipient="100")),
)
LARGEST = 2**63
"""What no database counts to."""


@dataclass(frozen=True, slots=True)
class Target:
    """A border: what comes over it, and a check that fails where it does not stand that."""

    fed: st.SearchStrategy[Any]
    check: Callable[[Any], None]


def from_slack(sent: tuple[str, dict[str, Any]]) -> None:
    kind, body = clean(sent)
    # What is malformed costs only itself: the listeners refuse it by these.
    with suppress(*MALFORMED, UserError):
        match kind:
            case "events_api":
                event = slack.parse_event(body, BOT_USER)
            case "slash_commands":
                event = slack.parse_command(body)
            case "view_submission":
                event = slack_interactions.parse_form(body)
            case "block_suggestion":
                event = slack_interactions.parse_suggestion_request(body)
            case "message_action":
                event = slack_interactions.parse_shortcut(body)
            case _:
                from_token(slack_interactions.parse_press(body).token)
                return
        if event is not None:
            assert_event(event)


def from_discord(sent: tuple[str, dict[str, Any]]) -> None:
    kind, told = clean(sent)
    for spot in SPOTS:
        with suppress(*MALFORMED, UserError):
            event = _discord_event(kind, told, spot)
            if event is not None:
                assert_event(event)


def _discord_event(kind: str, told: dict[str, Any], spot: Location) -> Any:  # noqa: PLR0911 - one case an event
    match kind:
        case "MESSAGE_CREATE":
            return discord.message_created(told, spot, BOT_USER, admin=False)
        case "MESSAGE_UPDATE":
            return discord.message_edited(told, spot)
        case "MESSAGE_DELETE":
            return discord.message_deleted(told["id"], spot, BOT_USER)
        case "MESSAGE_REACTION_ADD" | "MESSAGE_REACTION_REMOVE":
            return discord.reaction_changed(told, spot, BOT_USER, added=True, at=NOW)
        case "MESSAGE_REACTION_REMOVE_ALL":
            return discord.reactions_cleared(told, spot, BOT_USER, NOW)
        case "THREAD_CREATE":
            return discord.channel_deleted(parse_channel(told), BOT_USER)
        case "GUILD_DELETE":
            return discord.guild_left(told)
        case "INTERACTION_CREATE":
            return _discord_interaction(told, spot)
        case _:
            return None


def _discord_interaction(told: dict[str, Any], spot: Location) -> Any:
    match discord_interactions.interaction(told, spot).kind:
        case InteractionType.autocomplete:
            wanted = discord_interactions.autocomplete(told, spot)
            return wanted and wanted[0]
        case InteractionType.modal_submit:
            return discord_interactions.modal_submit(told, spot)[0]
        case InteractionType.component:
            from_token(discord_interactions.component_action(told, spot).token)
            return None
        case _ if told["data"]["type"] == 3:
            return discord_interactions.message_command(told, spot)
        case _:
            return discord_interactions.slash_command(told, spot)


def typed_line(line: str) -> None:
    with suppress(UserError):
        console.parse(clean(line), [command.name for command in COMMANDS])


def named_papers(text: str) -> None:
    text = clean(text)
    for found in identifiers.find_all(text):
        assert_clean(found)
        assert identifiers.canonical_link(found).startswith("https://")
        assert found.value
    identifiers.parse(text)
    for link in (text, *web_links.links_in(text)):
        web_links.link_key(link)
    assert identifiers.version_in(text) >= 0
    assert_clean(identifiers.title_key(text))


def arguments(line: str) -> None:
    line = clean(line)
    _, rest = split_command(line)
    for command in COMMANDS:
        for given in (line, {each.name: rest for each in command.parameters}):
            with suppress(UserError):
                assert isinstance(command.read(given), Arguments)
    for reader in (values.day, values.time_of_day, zones.timezone, values.topic, values.text):
        with suppress(ValueError):
            reader(line)
    for spanning in (values.day_from, values.span_from):
        with suppress(ValueError):
            spanning(line, TODAY)


def tokens(token: str) -> None:
    with suppress(UserError):
        action = from_token(clean(token))
        for name in ("paper_id", "subscription_id", "page", "subject"):
            number = getattr(action, name, None)
            assert number is None or 0 <= number < LARGEST
        assert len(to_token(action)) <= max(TOKEN_LIMIT, len(token))


def files_of_papers(content: bytes) -> None:
    for name in ("papers", "papers.jsonl", "papers.bib"):
        with suppress(UserError):
            for each in files.read(io.BytesIO(content), name):
                assert isinstance(each, PaperDraft | BadLine)
                if isinstance(each, PaperDraft):
                    assert any(char.isalnum() for char in each.title)
                    assert_clean(each.title)
                    assert_clean(each.abstract)


def foreign_words(raw: str) -> None:
    for cleaned in (paper_text.clean_title(raw), paper_text.clean_abstract(raw)):
        assert_clean(cleaned)
        assert "".join(paper_text.sentences(cleaned)).split() == cleaned.replace(" ", "").split() or cleaned
        paper_text.links(cleaned)
    latex.plain(clean(raw).replace("\n", " "))


def drawn_by_slack(raw: str) -> None:
    for how in (slack_text.inert, slack_text.prose, slack_text.escaped, slack_text.code, slack_text.command):
        for length in (20, 75, 150):
            drawn = slack_text.fitted(raw, length, how)
            assert len(drawn) <= length
            assert_slack_inert(drawn)
    target = slack_text.web_address(raw)
    assert target is None or re.fullmatch(r"https?://[^\s<>|]+", target)


def assert_slack_inert(drawn: str) -> None:
    """Slack reads `<…>` as mentions and links, and takes `&` for the beginning of one of three names."""
    assert not set("<>") & set(drawn)
    assert not re.search(r"&(?!amp;|lt;|gt;)", drawn)
    drawn.encode()


def drawn_by_discord(raw: str) -> None:
    for how in (discord_text.inert, discord_text.prose, discord_text.link_label, discord_text.code):
        for length in (20, 75, 150):
            drawn = discord_text.fitted(raw, length, how)
            assert len(drawn) <= length
            drawn.encode()
    plain = re.sub(r"\\.", "\0", discord_text.fitted(raw, 150))
    assert not set("*_~`|<>[]") & set(plain)
    assert not re.search(r"(?<![^\W_])@(?=\w)", plain)
    target = discord_text.web_address(raw)
    assert target is None or re.fullmatch(r"https?://[^\s<>()\[\]]+", target)


RECORDS = [
    {
        "title": "Cheaper Experts",
        "abstract": "We keep $\\frac{1}{2}$ of the experts. See https://example.org/code.",
        "id": "2406.00001v2",
        "doi": "10.1000/x",
        "authors": ["Ann", {"name": "Ben"}],
        "links": ["https://example.org/a"],
        "categories": "cs.CL cs.AI",
        "published": "2026-04-17",
        "upvotes": 3,
        "externalIds": {"ArXiv": "2406.00001", "DOI": "10.1000/x"},
        "linkedModels": [{"id": "a/b"}],
        "tldr": {"text": "Cheaper."},
        "paper": {"title": "Inner", "summary": "Inner words."},
    }
]
BIBTEX = rb"""@string{x = {y}}
@article{key, title = {Cheaper {E}xperts}, abstract = "We \'e keep", author = {A and B}, year = 2026,
  doi = {10.1000/x}, url = {https://example.org/a}}
@misc{k2, title = x # {z}}
"""
ATOM = '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">{}</feed>'
PAGE = """Daily Papers
Trending Papers
by

AK
and the research community

Apr 17

Cheaper Experts

We keep them.
"""
FILES = (
    "\n".join(json.dumps(each) for each in RECORDS * 2).encode(),
    json.dumps(RECORDS, indent=1).encode(),
    json.dumps({"papers": RECORDS}).encode(),
    BIBTEX,
    ATOM.format(arxiv_entry({"id": "2406.00001", "title": "Cheaper Experts"})).encode(),
    gzip.compress(json.dumps(RECORDS[0]).encode()),
    PAGE.encode(),
    PAGE.encode("utf-16"),
)
LINES = st.lists(damaged(RECORDS), min_size=1, max_size=3).map(
    lambda records: "\n".join(map(json.dumps, records)).encode()
)
VERBS = ("vote", "page", "share", "pause", "form", "end", "save", "summarize", "discuss", "related", "show")
TARGETS = {
    "payloads of Slack": Target(st.deferred(lambda: damaged_pairs(slack_payloads())), from_slack),
    "payloads of Discord": Target(st.deferred(lambda: damaged_pairs(discord_payloads())), from_discord),
    "lines typed at the console": Target(WORDS, typed_line),
    "identifiers": Target(WORDS, named_papers),
    "arguments": Target(WORDS, arguments),
    "tokens of buttons": Target(
        TEXT
        | st.tuples(
            st.sampled_from(
                [
                    "vote",
                    "page",
                    "share",
                    "pause",
                    "form",
                    "end",
                    "save",
                    "summarize",
                    "discuss",
                    "related",
                    "show",
                ]
            ),
            st.integers().map(str) | TEXT,
            st.integers().map(str) | TEXT,
        ).map(":".join)
        | st.tuples(st.sampled_from(["save", "show", "end"]), st.integers().map(str) | TEXT).map(":".join),
        tokens,
    ),
    "files of papers": Target(damaged_bytes(FILES) | LINES | st.binary(max_size=60), files_of_papers),
    "texts of papers": Target(WORDS, foreign_words),
    "texts drawn by Slack": Target(WORDS, drawn_by_slack),
    "texts drawn by Discord": Target(WORDS, drawn_by_discord),
}


def damaged_pairs(pairs: tuple[tuple[str, Any], ...]) -> st.SearchStrategy[tuple[str, Any]]:
    """Payloads that are damaged, each with what it is."""
    return st.sampled_from(pairs).flatmap(lambda pair: st.tuples(st.just(pair[0]), damaged([pair[1]])))
