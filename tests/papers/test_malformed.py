"""Whatever sources answer: nothing crashes, and no half paper is stored."""

import asyncio
import contextlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.errors import SourceUnavailable
from bot.domain.paper import PaperDraft
from papers.documents import reader
from papers.formats import atom
from papers.formats import rss as announcements
from papers.formats.records import drafts
from papers.sources import crossref, openalex, semanticscholar
from papers.sources.fetching.site import Response
from papers.sources.huggingface import _read as read_hugging_face
from papers.sources.pages import paper_of
from storage.sql.store import SqlStore
from tests.servers.sources.arxiv import arxiv_entry, rss, rss_item
from tests.servers.sources.huggingface import full_entry
from tests.servers.sources.scholar import scholar_paper
from tests.servers.sources.works import crossref_work, openalex_work
from tests.storage.making import put_paper

NOW = datetime(2026, 9, 21, 8, 0, tzinfo=UTC)
ODD_TEXT = st.text(max_size=30) | st.sampled_from(
    ["", " ", "\x00", "\ud800", "a\x00b", "\u202eturned", "2406.00001v2", "10.1145/1.2", "https://a.example/\x00b",
     "9999-99-99", "0000-00-00T", "https://arxiv.org/abs/2406.00001", "<b>", "$\\frac{", "RETRACTED: "]
)  # fmt: skip
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | ODD_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ODD_TEXT, inner, max_size=3),
    max_leaves=5,
)


def damaged(whole: Any) -> st.SearchStrategy[Any]:
    """A value in which keys are missing, and parts have been replaced by anything."""
    if isinstance(whole, dict):
        parts = {key: damaged(value) for key, value in whole.items()}
        return st.fixed_dictionaries({}, optional=parts) | st.fixed_dictionaries(parts) | ODD
    if isinstance(whole, list):
        return st.tuples(*map(damaged, whole)).map(list) | ODD
    return st.just(whole) | ODD


class _Enough(Exception):
    """Nothing needs to stay."""


@pytest.fixture
def stored(migrated_file: Path, tmp_path: Path) -> Iterator[Callable[[list[PaperDraft]], None]]:
    """Put drafts into a database, and look whether each came whole."""
    file = shutil.copy(migrated_file, tmp_path)
    with asyncio.Runner() as runner:
        store = SqlStore(f"sqlite:///{file}")

        async def put(found: list[PaperDraft]) -> None:
            with contextlib.suppress(_Enough):
                async with store.writing() as tx:
                    ids = [(await put_paper(tx, each, NOW))[0] for each in found]
                    papers = await tx.papers.get(ids)
                    raise _Enough
            for paper_id, draft in zip(ids, found, strict=True):
                assert papers[paper_id].title
                assert draft.identifiers <= papers[paper_id].identifiers

        yield lambda found: runner.run(put(found))
        runner.run(store.close())


def anything_goes(read: Callable[[Any], list[PaperDraft]], payloads: st.SearchStrategy[Any]) -> Any:
    @given(payloads)
    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def check(stored: Callable[[list[PaperDraft]], None], payload: Any) -> None:
        try:
            found = read(payload)
        except (SourceUnavailable, atom.NotAtom, announcements.NotRss):
            return
        assert all(any(char.isalnum() for char in paper.title) for paper in found)
        assert not re.search(r"\\x00|\\ud[89a-f]", repr(found)), "no database takes these characters"
        stored(found)

    return check


def as_answer(payload: Any) -> Response:
    return Response("somewhere", 200, json.dumps(payload).encode())


def read_openalex(payload: Any) -> list[PaperDraft]:
    return asyncio.run(openalex._papers(as_answer(payload)))


def read_crossref(payload: Any) -> list[PaperDraft]:
    return asyncio.run(crossref._papers([crossref._message(as_answer(payload))]))


def read_semantic_scholar(payload: Any) -> list[PaperDraft]:
    rows = semanticscholar._rows(as_answer(payload), "data")
    return asyncio.run(semanticscholar._papers(rows))


def cut_and_mixed(document: str) -> st.SearchStrategy[bytes]:
    """A document that breaks off, or in which something else stands instead of a part."""
    encoded = document.encode()
    place = st.integers(0, len(encoded))
    mixed = st.builds(
        lambda start, length, other: encoded[:start] + other + encoded[start + length :],
        place,
        st.integers(0, 60),
        st.binary(max_size=20),
    )
    return place.map(lambda end: encoded[:end]) | mixed


ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom">'
    + arxiv_entry({"id": "2406.00001", "title": "Kettles", "comment": "withdrawn", "doi": "10.1145/1.2"})
    + "</feed>"
)
RSS = rss(
    [rss_item("2406.00001", "new"), rss_item("2406.00002", "replace")], "Tue, 04 Jun 2024 00:00:00 -0400"
)
PAGE = "<meta name=citation_title content=Kettles><meta name=citation_doi content=10.1145/1.2><meta name=x>"


def read_announcement(document: bytes) -> list[PaperDraft]:
    feed = announcements.announced(reader.feed(document), "arxiv")
    assert feed.day is None or isinstance(feed.day, date)
    return [*feed.announced, *feed.replaced]


def read_atom(document: bytes) -> list[PaperDraft]:
    feed = atom.parsed(document)
    assert atom.total(feed) >= 0
    return drafts(map(atom.entry_record, atom.entries(feed)), "arxiv")


def read_page(document: bytes) -> list[PaperDraft]:
    found = paper_of(reader.tags(document), "https://aclanthology.org/2024.acl-long.1")
    return [found] if found else []


test_hugging_face = anything_goes(
    lambda payload: read_hugging_face(as_answer(payload))[0], damaged([full_entry(1), full_entry(2)])
)
test_semantic_scholar = anything_goes(
    read_semantic_scholar, damaged({"data": [scholar_paper("2406.00001"), scholar_paper("2406.00002")]})
)
test_openalex = anything_goes(read_openalex, damaged({"results": [openalex_work("10.1145/1.2")]}))
test_crossref = anything_goes(
    read_crossref,
    damaged({"message": crossref_work("10.1145/1.2", **{"updated-by": [{"type": "retraction"}]})}),
)
test_arxiv = anything_goes(read_atom, cut_and_mixed(ATOM))
test_arxivs_announcements = anything_goes(read_announcement, cut_and_mixed(RSS))
test_pages = anything_goes(read_page, cut_and_mixed(PAGE))
