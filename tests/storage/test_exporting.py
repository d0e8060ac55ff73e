"""What is exported is read back as it was."""

import asyncio
import io
import json
import shutil
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from making import NOW

from app.exporting import tagged
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier, title_key
from bot.domain.paper import Details, Paper, PaperDraft, Standing
from papers.formats.files import read
from papers.text import clean_title
from storage.sql.store import SqlStore
from tests.storage.making import put_paper

LINE = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=30).map(clean_title)
TEXT = LINE.filter(lambda text: any(map(str.isalnum, text)))
NAMES = st.one_of(
    st.integers(1, 99_999).map(lambda number: Identifier(Scheme.ARXIV, f"2406.{number:05}")),
    st.integers(1, 99_999).map(lambda number: Identifier(Scheme.DOI, f"10.1145/{number}.<1:a>2.0.co;2")),
)
SOURCES = st.sampled_from(["arxiv", "crossref", "file", "page", "people"])
DAYS = st.none() | st.dates(date(1990, 1, 1), date(2030, 1, 1))
DETAILS = st.builds(
    Details,
    organisation=LINE | st.just(""),
    venue=LINE | st.just(""),
    code=st.just("") | st.just("https://git.example/kettle"),
    models=st.lists(LINE, max_size=2).map(tuple),
    datasets=st.lists(LINE, max_size=2).map(tuple),
    spaces=st.lists(LINE, max_size=2).map(tuple),
    keywords=st.lists(LINE, max_size=2).map(tuple),
    tldr=LINE | st.just(""),
    citations=st.integers(0, 10**9),
    version=st.integers(0, 9),
    standing=st.sampled_from(Standing),
)
DRAFTS = st.builds(
    PaperDraft,
    title=TEXT | st.just("When is an <object> a <b>?"),
    abstract=LINE | st.just(""),
    source=SOURCES,
    authors=st.lists(TEXT, max_size=3).map(tuple),
    identifiers=st.frozensets(NAMES, max_size=2),
    links=st.lists(st.sampled_from(["https://a.example/1", "https://b.example/?x=2"]), unique=True).map(
        tuple
    ),
    categories=st.lists(st.sampled_from(["cs.CL", "cs.LG", "math.CO"]), unique=True).map(tuple),
    published=DAYS,
    listed=DAYS,
    submitted_by=st.none() | TEXT,
    upvotes=st.integers(0, 1000),
    details=DETAILS,
    origins=st.dictionaries(st.sampled_from(["abstract", "venue", "authors"]), SOURCES, max_size=2),
)


def distinct(drafts: list[PaperDraft]) -> list[PaperDraft]:
    """Drafts that nobody would take for one paper."""
    seen: set[object] = set()
    kept = []
    for draft in drafts:
        names = {title_key(draft.title), *draft.identifiers}
        if not names & seen:
            seen |= names
            kept.append(draft)
    return kept


async def exported(store: SqlStore) -> bytes:
    rows = [json.dumps(tagged(kind, row), ensure_ascii=False) async for kind, row in store.export()]
    return "".join(f"{row}\n" for row in rows).encode()


async def kept_after(address: str, drafts: list[PaperDraft]) -> tuple[list[Paper], bytes]:
    store = SqlStore(address)
    try:
        async with store.writing() as tx:
            ids = [(await put_paper(tx, draft, NOW))[0] for draft in drafts]
        async with store.reading() as tx:
            papers = await tx.papers.get(ids)
        return [replace(papers[each], id=0) for each in ids], await exported(store)
    finally:
        await store.close()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(DRAFTS, min_size=1, max_size=12).map(distinct))
def test_export_and_import_give_the_same_papers(migrated_file: Path, drafts: list[PaperDraft]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        one, two = (f"sqlite:///{shutil.copy(migrated_file, Path(folder) / name)}" for name in ("1", "2"))
        papers, written = asyncio.run(kept_after(one, drafts))
        found = list(read(io.BytesIO(written), "export.jsonl"))
        assert all(isinstance(each, PaperDraft) for each in found)
        again, written_again = asyncio.run(kept_after(two, [x for x in found if isinstance(x, PaperDraft)]))
    assert again == papers
    assert len(written_again.splitlines()) == len(written.splitlines())


def test_a_rows_own_kind_does_not_hide_its_table() -> None:
    assert tagged("digests", {"id": 1, "kind": "papers"}) == {
        "kind": "digests",
        "id": 1,
        "digests.kind": "papers",
    }
    old = {"kind": "papers", "id": 1, "channel_id": 2}
    paper = {"kind": "papers", "id": 7, "title": "Kettles", "title_key": "kettles", "source": "file"}
    name = {"kind": "paper_identifiers", "paper_id": 7, "scheme": "arxiv", "value": "2406.01234"}
    lines = "\n".join(json.dumps(each) for each in (old, paper, name))
    (found,) = read(io.BytesIO(lines.encode()), "export.jsonl")
    assert isinstance(found, PaperDraft)
    assert (found.title, found.identifiers) == ("Kettles", {Identifier(Scheme.ARXIV, "2406.01234")})
