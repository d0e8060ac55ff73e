"""Full-text search in this process: tantivy in memory, rebuilt from the store at each start."""

import asyncio
import math
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from tantivy import (
    Document,
    Filter,
    Index,
    Occur,
    Query,
    SchemaBuilder,
    Searcher,
    TextAnalyzer,
    TextAnalyzerBuilder,
    Tokenizer,
)

from bot.conversation.batching import Batcher
from bot.domain.document import Span
from bot.domain.stop_words import STOP_WORDS
from bot.ports.search import WordEvidence
from storage.index.acronyms import Acronyms
from storage.index.cjk import paired, paired_and_single, without_pairs
from storage.index.shared_words import SharedWords
from storage.index.word_rows import END, GAP, Postings, Wanted, WordRows

SEARCHES_AT_ONCE = 64
THREADS = os.cpu_count() or 1
MAX_WORDS = 64
"""How many different words of a query are searched for; a query may be a whole abstract."""
TELLING_WORDS = 64
"""How many words of a paper are searched for to find papers like it."""
MAX_IDS_IN_QUERY = 2000
"""Up to so many allowed ids go into the query itself. With more, results are filtered afterwards."""
MIN_PAPERS_PER_ID = 8
"""Filtering by id inside tantivy is faster only if the index has so many papers for each allowed one."""
MAX_WORD_LENGTH = 60
MIN_PAPERS = 100
"""With fewer papers, a word of three of them is not common."""
TITLE_WEIGHT = 2
"""How many times a title is indexed with the abstract, so that its words weigh more."""
BM25_K1 = 1.2
"""Tantivy's own k1: a word scores at most its inverse document frequency times (k1 + 1)."""
WRITER_BYTES = 32_000_000


@dataclass(frozen=True, slots=True)
class _Search:
    query: str
    limit: int
    allowed: frozenset[int] | None
    team_id: int | None


def _analyzer(*last: Filter) -> TextAnalyzer:
    builder = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(MAX_WORD_LENGTH))
    for each in (Filter.lowercase(), Filter.ascii_fold(), *last):
        builder = builder.filter(each)
    return builder.build()


class FullTextIndex:
    """Titles and abstracts by the stems of their words, ranked by BM25. Titles also by exact words.

    Chinese, Japanese and Korean are found by pairs of characters.
    """

    def __init__(self) -> None:
        self._schema = (
            SchemaBuilder()
            .add_integer_field("id", indexed=True, fast=True)
            .add_text_field("text", tokenizer_name="stems")
            .add_text_field("title", tokenizer_name="words")
            .add_text_field("title_stems", tokenizer_name="stems")
            .build()
        )
        self._stems = _analyzer(Filter.custom_stopword(sorted(STOP_WORDS)), Filter.stemmer("english"))
        self._words = _analyzer()
        self._index = Index(self._schema)
        self._index.register_tokenizer("stems", self._stems)
        self._index.register_tokenizer("words", self._words)
        self._writer = self._index.writer(WRITER_BYTES, 1)
        self._rows = WordRows(self._words.analyze, self._stems.analyze, STOP_WORDS)
        self._acronyms = Acronyms(self._stems.analyze)
        """Of open papers alone: other teams are to learn nothing from a team's own papers."""
        self._postings: WeakKeyDictionary[frozenset[int], Postings] = WeakKeyDictionary()
        """Each as long as its papers' ids live, which a planner keeps for one round."""
        self._indexed: set[int] = set()
        self._owners: dict[int, int] = {}
        """The owning team of each paper that is not open."""
        self._one_writer = asyncio.Lock()
        self._searches: Batcher[_Search, list[tuple[int, float]]] = Batcher(
            self._search_all, SEARCHES_AT_ONCE
        )

    def __len__(self) -> int:
        return len(self._indexed)

    async def put(self, papers: Iterable[tuple[int, str, str]], team_id: int | None = None) -> None:
        """Index papers as (id, title, abstract), in place of their earlier texts."""
        rows = list(papers)
        async with self._one_writer:
            if team_id is not None:
                # The owner first: a search in between would show the team's papers to everybody.
                self._owners.update((paper_id, team_id) for paper_id, _, _ in rows)
            await asyncio.to_thread(self._write, [row[0] for row in rows], rows, open_to_all=team_id is None)
            if team_id is None:
                # The owner last: until the new text is in, the old one is still the team's own.
                for paper_id, _, _ in rows:
                    self._owners.pop(paper_id, None)

    async def remove(self, paper_ids: Collection[int]) -> None:
        """Remove papers from the index."""
        async with self._one_writer:
            await asyncio.to_thread(self._write, paper_ids, ())

    async def search(
        self, query: str, limit: int, allowed: frozenset[int] | None = None, team_id: int | None = None
    ) -> list[tuple[int, float]]:
        """Return papers with any of the query's words, best first."""
        return await self._searches(_Search(query, limit, allowed, team_id))

    async def search_titles(
        self, words: str, limit: int, team_id: int | None = None
    ) -> list[tuple[int, float]]:
        """Return papers whose titles have all of these words. The last one may be a prefix."""
        return await asyncio.to_thread(self._search_titles, words, limit, team_id)

    def words_found(self, query: str, text: str) -> list[Span]:
        """Return the words of a text by which a search for the query finds it, in order."""
        stems = frozenset(self._stems.analyze(paired(query)))
        plain, pairs = without_pairs(text)
        tokens = self._stems.pre_tokenize(plain).tokens
        words = [Span(each.char_offset_from, each.char_offset_to) for each in tokens if each.text in stems]
        return sorted([*words, *(Span(place, place + len(pair)) for place, pair in pairs if pair in stems)])

    async def like(
        self, paper_id: int, limit: int, allowed: frozenset[int] | None = None, team_id: int | None = None
    ) -> list[tuple[int, float]]:
        """Return papers with any of the most telling words of a paper, without the paper itself."""
        query = await asyncio.to_thread(self._like, paper_id)
        if query is None:
            return []
        found = await asyncio.to_thread(self._found, query, limit + 1, allowed, team_id)
        return [hit for hit in found if hit[0] != paper_id][:limit]

    async def evidence(self, topics: Sequence[str], among: frozenset[int]) -> list[dict[int, WordEvidence]]:
        """Return for each topic how far papers contain its words. Papers with none are left out."""
        return await asyncio.to_thread(self._evidence, topics, among)

    async def shared_words(
        self, paper: tuple[str, str], others: Sequence[tuple[str, str]]
    ) -> list[list[str]]:
        """Return for each of the others the telling words and phrases that it shares with a paper."""
        return await asyncio.to_thread(self._shared_words, paper, others)

    def alternatives(self, words: str) -> list[str]:
        """Return the same words with an acronym spelled out, or with an acronym for a phrase."""
        searcher = self._index.searcher()
        text = paired(words)
        spans = [
            (token.text, token.char_offset_from, token.char_offset_to)
            for token in self._stems.pre_tokenize(text).tokens[:MAX_WORDS]
        ]
        found = self._acronyms.rewritten(
            [stem for stem, _, _ in spans], lambda stem: searcher.doc_freq("text", stem)
        )
        return [
            f"{text[: spans[first][1]]}{other}{text[spans[last][2] :]}".strip()
            for first, last, other in found
        ]

    def _write(
        self, gone: Collection[int], rows: Sequence[tuple[int, str, str]], *, open_to_all: bool = True
    ) -> None:
        for paper_id in self._indexed.intersection(gone):
            self._writer.delete_documents_by_term("id", paper_id)
            self._indexed.discard(paper_id)
            self._rows.remove(paper_id)
            self._acronyms.remove(paper_id)
        for paper_id, title, abstract in rows:
            text = paired_and_single(f"{title}. " * TITLE_WEIGHT + abstract)
            named = paired_and_single(title)
            self._writer.add_document(Document(id=paper_id, title=named, title_stems=named, text=text))
            self._indexed.add(paper_id)
            self._rows.put(paper_id, named, paired_and_single(abstract))
            if open_to_all:
                self._acronyms.put(paper_id, f"{title}. {abstract}")
        self._writer.commit()
        self._index.reload()

    async def _search_all(self, searches: list[_Search]) -> list[list[tuple[int, float]]]:
        """Run searches in threads, each with a share of them."""
        shares = [searches[start::THREADS] for start in range(min(THREADS, len(searches)))]
        found = await asyncio.gather(*(asyncio.to_thread(self._search_each, share) for share in shares))
        return [found[place % len(shares)][place // len(shares)] for place in range(len(searches))]

    def _search_each(self, searches: Sequence[_Search]) -> list[list[tuple[int, float]]]:
        return [self._search(each) for each in searches]

    def _search(self, search: _Search) -> list[tuple[int, float]]:
        stems = dict(Counter(self._stems.analyze(paired(search.query))).most_common(MAX_WORDS))
        if not stems:
            return []
        return self._found(self._any_of(stems), search.limit, search.allowed, search.team_id)

    def _found(
        self, query: Query, limit: int, allowed: frozenset[int] | None, team_id: int | None
    ) -> list[tuple[int, float]]:
        if allowed is None:
            return self._search_filtered(query, limit, limit, lambda each: self._readable(each, team_id))
        if len(allowed) <= MAX_IDS_IN_QUERY:
            allowed = frozenset(each for each in allowed if self._readable(each, team_id))
            return self._hits(self._among(query, allowed), limit)
        depth = 2 * limit * max(1, self._index.searcher().num_docs // len(allowed))
        return self._search_filtered(
            query, limit, depth, lambda each: each in allowed and self._readable(each, team_id)
        )

    def _readable(self, paper_id: int, team_id: int | None) -> bool:
        return self._owners.get(paper_id, team_id) == team_id

    def _search_filtered(
        self, query: Query, limit: int, depth: int, passes: Callable[[int], bool]
    ) -> list[tuple[int, float]]:
        """Return the best papers that pass a filter.

        Filters the `depth` best first, and goes deeper until enough of them pass.
        """
        searcher = self._index.searcher()
        while True:
            hits = self._hits(query, depth, searcher)
            passed = [hit for hit in hits if passes(hit[0])]
            if len(passed) >= limit or len(hits) < depth:
                return passed[:limit]
            depth *= 4

    def _search_titles(self, words: str, limit: int, team_id: int | None) -> list[tuple[int, float]]:
        analyzed = self._words.analyze(paired(words))
        if not analyzed:
            return []
        *whole, prefix = analyzed
        clauses = [(Occur.Must, self._term("title", word)) for word in whole]
        # The tokenizer leaves only letters and digits, so the prefix needs no escaping.
        beginning = Query.regex_query(self._schema, "title", f"{prefix}.*")
        exact = Query.boost_query(self._term("title", prefix), 2)
        last = Query.boolean_query([(Occur.Should, beginning), (Occur.Should, exact)])
        query = Query.boolean_query([*clauses, (Occur.Must, last)])
        return self._search_filtered(query, limit, limit, lambda each: self._readable(each, team_id))

    def _like(self, paper_id: int) -> Query | None:
        searcher = self._index.searcher()
        counts = Counter(number for number in self._rows.row(paper_id).tolist() if number > END)
        weights = {
            name: (times, times * self._idf(searcher, name))
            for name, times in ((self._rows.name(number), times) for number, times in counts.items())
        }
        telling = sorted(weights, key=lambda name: (-weights[name][1], name))[:TELLING_WORDS]
        return self._any_of({name: weights[name][0] for name in telling}) if telling else None

    def _evidence(self, topics: Sequence[str], among: frozenset[int]) -> list[dict[int, WordEvidence]]:
        postings = self._postings_of(among)
        searcher = self._index.searcher()
        return [postings.evidence(self._wanted(topic, searcher)) for topic in topics]

    def _postings_of(self, among: frozenset[int]) -> Postings:
        kept = self._postings.get(among)
        if kept is None or kept.version != self._rows.version:
            self._postings[among] = kept = Postings(self._rows, among)
        return kept

    def _wanted(self, topic: str, searcher: Searcher) -> Wanted:
        """Weigh the words of a topic by how few papers of the whole index have them."""
        phrase = [
            (place, number)
            for place, number in enumerate(self._rows.known(paired(topic))[:MAX_WORDS])
            if number != GAP
        ]
        first = phrase[0][0] if phrase else 0
        numbers = {number for _, number in phrase if number is not None}
        unknown = sum(number is None for _, number in phrase)
        return Wanted(
            {number: self._idf(searcher, self._rows.name(number)) for number in numbers},
            unknown * math.log(1 + 2 * (searcher.num_docs + 0.5)),
            [(place - first, number) for place, number in phrase],
        )

    def _shared_words(self, paper: tuple[str, str], others: Sequence[tuple[str, str]]) -> list[list[str]]:
        searcher = self._index.searcher()
        shared = SharedWords(
            self._stems,
            "\n".join(map(paired, paper)),
            share=lambda words: self._count(searcher, words) / max(MIN_PAPERS, searcher.num_docs),
            rarity=lambda stem: self._idf(searcher, stem),
        )
        return [shared.with_text("\n".join(map(paired, each))) for each in others]

    def _count(self, searcher: Searcher, words: Sequence[tuple[int, str]]) -> int:
        """Count the papers that have stems at these places behind each other."""
        if len(words) == 1:
            return searcher.doc_freq("text", words[0][1])
        query = Query.phrase_query(self._schema, "text", list(words))
        return searcher.search(query, 1, count=True).count or 0  # type: ignore[attr-defined]  # its stub lacks it

    def _idf(self, searcher: Searcher, stem: str) -> float:
        count = searcher.doc_freq("text", stem)
        return math.log(1 + (searcher.num_docs - count + 0.5) / (count + 0.5))

    def _any_of(self, stems: Mapping[str, int]) -> Query:
        """Query papers with any of the stems, each weighted by how often it occurs in the query."""
        return Query.boolean_query(
            [
                (Occur.Should, Query.boost_query(self._term("text", stem), times))
                for stem, times in stems.items()
            ]
        )

    def _among(self, query: Query, allowed: Collection[int]) -> Query:
        ids = Query.term_set_query(self._schema, "id", list(allowed))
        return Query.boolean_query([(Occur.Must, query), (Occur.Must, Query.const_score_query(ids, 0))])

    def _term(self, field: str, word: str) -> Query:
        return Query.term_query(self._schema, field, word, "freq")

    def _hits(self, query: Query, limit: int, searcher: Searcher | None = None) -> list[tuple[int, float]]:
        searcher = searcher or self._index.searcher()
        hits = searcher.search(query, limit, count=False).hits
        ids = searcher.fast_field_values("id", [address for _, address in hits])
        return [(int(paper_id or 0), score) for paper_id, (score, _) in zip(ids, hits, strict=True)]
