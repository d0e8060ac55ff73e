"""The JSON, the text and the Atom of what programs get."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter

from adapters.common.addresses import address_of, network_of
from adapters.common.programs.drawing import Addresses, draw
from adapters.common.programs.models import Result
from adapters.common.programs.operations import arguments_from, arguments_schema, operations
from adapters.feeds.render.atom import Entry, FeedText, atom
from adapters.mcp.inbound.tools import TOOLS
from adapters.mcp.render.text import DATA, text_of
from bot.commands import COMMANDS
from bot.domain.errors import UserError
from bot.protocol.replies import papers_shown
from tests.reply_samples import MARKED_RESULTS, PAPER, REPLIES

RESULT: TypeAdapter[Result] = TypeAdapter(Result)
SCHEMA = Draft202012Validator(
    RESULT.json_schema(mode="serialization"), format_checker=Draft202012Validator.FORMAT_CHECKER
)
TABLE = operations(COMMANDS)
ANY = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text(), max_size=2)
NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)


@pytest.mark.parametrize("name", REPLIES)
def test_every_reply_is_json_as_the_schema_says(name: str) -> None:
    reply = REPLIES[name]
    drawn = json.loads(RESULT.dump_json(draw(reply, Addresses("https://p.example", str))))
    SCHEMA.validate(drawn)
    written = json.dumps(drawn, ensure_ascii=False)
    for paper in papers_shown(reply):
        assert paper.title in written
        assert f"https://p.example/papers/{paper.id}" in written


@pytest.mark.parametrize("name", REPLIES)
def test_every_reply_has_a_text_with_its_papers(name: str) -> None:
    reply = REPLIES[name]
    text = text_of(draw(reply, Addresses()))
    for paper in papers_shown(reply):
        assert f"#{paper.id} {paper.title}" in text
        assert text.startswith(DATA)


def test_pages_know_the_next_one() -> None:
    search = json.loads(
        RESULT.dump_json(draw(REPLIES["search"], Addresses(page_of_list=lambda page: f"/p{page}")))
    )
    assert search["pages"] == {"page": 2, "pages": 4, "total": 18, "next": "/p3"}
    last = draw(REPLIES["reading"], Addresses(page_of_list=str))
    assert json.loads(RESULT.dump_json(last))["pages"]["next"] is None


def test_marks_are_places_in_the_sentence() -> None:
    drawn = json.loads(RESULT.dump_json(draw(MARKED_RESULTS, Addresses())))
    SCHEMA.validate(drawn)
    [hit] = drawn["results"]
    assert hit["marks"] == [[4, 7], [14, 21]]
    assert [hit["citation"]["sentence"][start:end] for start, end in hit["marks"]] == ["low", "experts"]


def test_what_a_source_links_is_told() -> None:
    drawn = json.loads(RESULT.dump_json(draw(REPLIES["told_card"], Addresses())))["paper"]
    assert (drawn["models"], drawn["datasets"]) == (["lab/router-7b"], ["lab/routes"])
    assert drawn["spaces"] == ["lab/try-it"]


def test_tools_are_commands_that_programs_can_use() -> None:
    assert set(TOOLS) <= {each.name for each in TABLE}


@given(st.sampled_from(TABLE), st.dictionaries(st.text() | st.sampled_from(["query", "paper", "page"]), ANY))
def test_arguments_are_read_or_refused(operation, given_) -> None:
    schema = Draft202012Validator(arguments_schema(operation))
    try:
        arguments, channel = arguments_from(operation, given_)
    except UserError:
        return
    typed = {
        name: int(value) if schema.schema["properties"][name]["type"] == "integer" else value
        for name, value in arguments.items()
    }
    assert set(typed) | ({"channel"} if channel else set()) == set(given_)
    assert not [
        error
        for error in schema.iter_errors(typed)
        if error.validator not in {"required", "minimum", "maximum"}
    ]


@given(st.text(), st.text(), st.lists(st.text(), max_size=3), st.text())
def test_any_text_is_well_formed_atom(title: str, abstract: str, authors: list[str], topic: str) -> None:
    paper = replace(PAPER, title=title, abstract=abstract, authors=tuple(authors))
    written = atom(FeedText("a", topic, [Entry(paper, NOW, topic)], "https://p.example/f"), "")
    feed = feedparser.parse(written)
    assert not feed.bozo
    assert len(feed.entries) == 1
    assert b"\x00" not in written


def test_markup_in_a_feed_stays_text() -> None:
    hostile = "<script>alert(1)</script> & ]]> \x00\x08\ufffe"
    paper = replace(PAPER, title=hostile, abstract=hostile)
    written = atom(
        FeedText("a", hostile, [Entry(paper, NOW)], "https://p.example/?a=1&b=2"), "https://p.example"
    )
    assert b"<script>" not in written
    assert b"&lt;script&gt;alert(1)&lt;/script&gt; &amp; ]]&gt;" in written
    assert not feedparser.parse(written).bozo


def test_ids_of_entries_do_not_change_with_what_is_said_of_the_paper() -> None:
    def entry_id(paper, public_url: str) -> str:
        written = atom(FeedText("a", "b", [Entry(paper, NOW)], "https://p.example/f"), public_url)
        return feedparser.parse(written).entries[0].id

    first = entry_id(PAPER, "")
    assert entry_id(replace(PAPER, title="Other", identifiers=frozenset()), "https://q.example") == first
    assert entry_id(replace(PAPER, id=58), "") != first


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("9.9.9.9", ["198.51.100.1"], "9.9.9.9"),
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["203.0.113.5, 198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["203.0.113.5", "203.0.113.6, 198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("10.0.0.2", ["2001:db8::1"], "2001:db8::"),
        ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::"),
        ("::ffff:203.0.113.9", [], "203.0.113.9"),
        ("127.0.0.1", ["'; --"], "unknown"),
        ("", [], "unknown"),
    ],
)
def test_callers_are_counted_by_their_network(peer: str, forwarded: list[str], counted: str) -> None:
    assert network_of(address_of(peer, forwarded)) == counted
