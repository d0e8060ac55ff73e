"""Full text in this process: tantivy in memory, made anew from the store at each start."""

import asyncio
import math
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

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
    Token,
    Tokenizer,
)

from bot.conversation.batching import Batcher
from bot.ports.search import WordEvidence
from storage.index.cjk import paired, paired_and_single

SEARCHES_AT_ONCE = 64
THREADS = os.cpu_count() or 1
MOST_WORDS = 64
"""Of a query that is a whole abstract, so many different words are looked for."""
FEW = 2000
"""So many allowed papers are put into the query; of more, the best of all are taken and sieved."""
SPARSE = 8
"""Filtering by id inside tantivy pays only where the index has so many times the allowed papers."""
LONGEST_WORD = 60
TITLE_COUNTS = 2
"""A word of the title counts as if it stood there so many times."""
COMMON = (
    "a about above after again against all also am among an and any are as at be because been before "
    "being below between both but by can could did do does doing down during each either few for from "
    "further had has have having he her here hers him his how however i if in into is it its itself just "
    "may me might more most much must my neither no nor not now of off on once only or other our out over "
    "own per same she should since so some such than that the their them then there these they this those "
    "through thus to too under until up upon us very via was we were what when where whether which while "
    "who whom whose why will with within without would yet you your"
)
"""Words that say nothing about a paper, though people put them into questions."""
BM25_K1 = 1.2
"""What tantivy ranks with: a word scores at most its rarity times this and one."""
WRITER_BYTES = 32_000_000


@dataclass(frozen=True, slots=True)
class _Wanted:
    query: str
    limit: int
    allowed: frozenset[int] | None
    team_id: int | None


def _analyzer(*last: Filter) -> TextAnalyzer:
    builder = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(LONGEST_WORD))
    for each in (Filter.lowercase(), Filter.ascii_fold(), *last):
        builder = builder.filter(each)
    return builder.build()


class FullTextIndex:
    """Titles and abstracts by their words' stems, ranked by BM25; titles also by their words as they are.

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
        self._stems = _analyzer(Filter.custom_stopword(COMMON.split()), Filter.stemmer("english"))
        self._words = _analyzer()
        self._index = Index(self._schema)
        self._index.register_tokenizer("stems", self._stems)
        self._index.register_tokenizer("words", self._words)
        self._writer = self._index.writer(WRITER_BYTES, 1)
        self._known: set[int] = set()
        self._owners: dict[int, int] = {}
        """The teams of papers that are not open."""
        self._one_writer = asyncio.Lock()
        self._searches: Batcher[_Wanted, list[tuple[int, float]]] = Batcher(
            self._search_all, SEARCHES_AT_ONCE
        )

    async def put(self, papers: Iterable[tuple[int, str, str]], team_id: int | None = None) -> None:
        """Take in a team's or open papers as (id, title, abstract), in place of what they said before."""
        rows = list(papers)
        async with self._one_writer:
            if team_id is not None:
                # Before they can be found.
                self._owners.update((paper_id, team_id) for paper_id, _, _ in rows)
            await asyncio.to_thread(self._write, [row[0] for row in rows], rows)
            if team_id is None:
                # After what the team had said of them can no longer be found.
                for paper_id, _, _ in rows:
                    self._owners.pop(paper_id, None)

    async def remove(self, paper_ids: Collection[int]) -> None:
        """Forget papers."""
        async with self._one_writer:
            await asyncio.to_thread(self._write, paper_ids, ())

    async def search(
        self, query: str, limit: int, allowed: frozenset[int] | None = None, team_id: int | None = None
    ) -> list[tuple[int, float]]:
        """Papers with any of the query's words, among the allowed ones (None: all) that the team may read."""
        return await self._searches(_Wanted(query, limit, allowed, team_id))

    async def search_titles(
        self, words: str, limit: int, team_id: int | None = None
    ) -> list[tuple[int, float]]:
        """Papers whose titles hold all of these words; the last may be only begun."""
        return await asyncio.to_thread(self._titled, words, limit, team_id)

    async def evidence(self, words: str, among: frozenset[int]) -> dict[int, WordEvidence]:
        """What papers hold of these words; those that hold none are left out."""
        return await asyncio.to_thread(self._evidence, words, among)

    def _write(self, gone: Collection[int], rows: Sequence[tuple[int, str, str]]) -> None:
        for paper_id in self._known.intersection(gone):
            self._writer.delete_documents_by_term("id", paper_id)
            self._known.discard(paper_id)
        for paper_id, title, abstract in rows:
            text = paired_and_single(f"{title}. " * TITLE_COUNTS + abstract)
            named = paired_and_single(title)
            self._writer.add_document(Document(id=paper_id, title=named, title_stems=named, text=text))
            self._known.add(paper_id)
        self._writer.commit()
        self._index.reload()

    async def _search_all(self, wanted: list[_Wanted]) -> list[list[tuple[int, float]]]:
        """Search for these, each thread for a share of them."""
        shares = [wanted[start::THREADS] for start in range(min(THREADS, len(wanted)))]
        found = await asyncio.gather(*(asyncio.to_thread(self._search_each, share) for share in shares))
        return [found[place % len(shares)][place // len(shares)] for place in range(len(wanted))]

    def _search_each(self, wanted: Sequence[_Wanted]) -> list[list[tuple[int, float]]]:
        return [self._search(each) for each in wanted]

    def _search(self, wanted: _Wanted) -> list[tuple[int, float]]:
        stems = dict(Counter(self._stems.analyze(paired(wanted.query))).most_common(MOST_WORDS))
        if not stems:
            return []
        query = self._any_of(stems)
        allowed, limit = wanted.allowed, wanted.limit
        if allowed is None:
            return self._sieved(query, limit, limit, lambda each: self._readable(each, wanted.team_id))
        if len(allowed) <= FEW:
            allowed = frozenset(each for each in allowed if self._readable(each, wanted.team_id))
            return self._hits(self._among(query, allowed), limit)
        depth = 2 * limit * max(1, self._index.searcher().num_docs // len(allowed))
        return self._sieved(
            query, limit, depth, lambda each: each in allowed and self._readable(each, wanted.team_id)
        )

    def _readable(self, paper_id: int, team_id: int | None) -> bool:
        return self._owners.get(paper_id, team_id) == team_id

    def _sieved(
        self, query: Query, limit: int, depth: int, wanted: Callable[[int], bool]
    ) -> list[tuple[int, float]]:
        """The best of the papers that are wanted: out of so many of the best, and more until they do."""
        searcher = self._index.searcher()
        while True:
            hits = self._hits(query, depth, searcher)
            kept = [hit for hit in hits if wanted(hit[0])]
            if len(kept) >= limit or len(hits) < depth:
                return kept[:limit]
            depth *= 4

    def _titled(self, words: str, limit: int, team_id: int | None) -> list[tuple[int, float]]:
        given = self._words.analyze(paired(words))
        if not given:
            return []
        *whole, begun = given
        wanted = [(Occur.Must, self._term("title", word)) for word in whole]
        # Words hold letters and digits alone, so they need no escaping.
        beginning = Query.regex_query(self._schema, "title", f"{begun}.*")
        exact = Query.boost_query(self._term("title", begun), 2)
        last = Query.boolean_query([(Occur.Should, beginning), (Occur.Should, exact)])
        query = Query.boolean_query([*wanted, (Occur.Must, last)])
        return self._sieved(query, limit, limit, lambda each: self._readable(each, team_id))

    def _evidence(self, words: str, among: frozenset[int]) -> dict[int, WordEvidence]:
        searcher = self._index.searcher()
        tokens = self._stems.pre_tokenize(paired(words)).tokens
        stems = list(dict.fromkeys(token.text for token in tokens))
        if not stems:
            return {}
        most = (BM25_K1 + 1) * sum(self._rarity(searcher, stem) for stem in stems)
        titled: Counter[int] = Counter()
        for stem in stems:
            titled.update(dict.fromkeys(self._held(searcher, self._term("title_stems", stem), among), 1))
        together = self._held(searcher, self._side_by_side(tokens), among)
        scores = self._held(searcher, self._any_of(dict.fromkeys(stems, 1)), among)
        return {
            paper_id: WordEvidence(score / most, titled[paper_id] / len(stems), paper_id in together)
            for paper_id, score in scores.items()
        }

    def _held(self, searcher: Searcher, query: Query, among: frozenset[int]) -> dict[int, float]:
        """All papers among these that a query finds, with their scores."""
        if len(among) <= min(FEW, searcher.num_docs // SPARSE):
            query = self._among(query, among)
        hits = self._hits(query, max(1, searcher.num_docs), searcher)
        return {paper_id: score for paper_id, score in hits if paper_id in among}

    def _rarity(self, searcher: Searcher, stem: str) -> float:
        count = searcher.doc_freq("text", stem)
        return math.log(1 + (searcher.num_docs - count + 0.5) / (count + 0.5))

    def _side_by_side(self, tokens: Sequence[Token]) -> Query:
        if len(tokens) == 1:
            return self._term("text", tokens[0].text)
        return Query.phrase_query(self._schema, "text", [(token.position, token.text) for token in tokens])

    def _any_of(self, stems: Mapping[str, int]) -> Query:
        """Papers with any of the stems, each weighed by how often it was asked for."""
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
