"""Measure which words of a sentence are marked: `python benchmarks/marks.py`.

`marks.tsv` has queries as people type them, each with a sentence of a sample paper in which the words that
answer were marked by hand. Half of the queries have the paper's own words, the others say it in other words.
Every second pair was used to choose the rules and the constants in `papers.marking`, and the others are kept.
Nothing marked counts as 0. `idle` is the number of words marked for a query about something else.
"""

import asyncio
import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bot.domain.document import Span
from papers import marking, samples
from papers.embedding import MiniLM
from papers.text import sentence_spans
from papers.vectors import Floats, unpack, word_cosines
from storage.index.full_text import FullTextIndex
from training.ranking import interval
from training.sample_vectors import texts

PAIRS = Path(__file__).with_name("marks.tsv")
FAR = 37
"""How many pairs further on the other query is that has nothing to do with a sentence. It is odd, so that
sentences meet queries of the other half."""
_WORD = re.compile(r"\w+")
Spans: TypeAlias = Sequence[Span]


@dataclass(frozen=True, slots=True)
class Asked:
    """A query and a sentence: the sentence's words, their cosines with the query's, and what they share."""

    text: str
    words: Spans
    cosines: Floats
    shared: Spans


@dataclass(frozen=True, slots=True)
class Case:
    """A pair, what a person marked in it, and the same sentence with a query about something else."""

    asked: Asked
    idle: Asked
    right: frozenset[int]
    own_words: bool


def _both(**constants: float) -> Callable[[Asked], Spans]:
    """Mark by stems and vectors, with other constants than `papers.marking` has."""

    def marked(asked: Asked) -> Spans:
        before = {name: getattr(marking, name) for name in constants}
        for name, value in constants.items():
            setattr(marking, name, value)
        spans = marking.marks(asked.text, asked.words, asked.cosines, asked.shared)
        for name, value in before.items():
            setattr(marking, name, value)
        return spans

    return marked


WAYS: dict[str, Callable[[Asked], Spans]] = {
    "the whole sentence": lambda asked: [Span(0, len(asked.text))],
    "shared stems": lambda asked: marking.joined(asked.text, asked.shared),
    "vectors of words": lambda asked: marking.marks(asked.text, asked.words, asked.cosines, []),
    "both, one threshold": _both(NEAR_IF_SURE=marking.NEAR, BESIDE=2),
    "both, no neighbours": _both(BESIDE=2),
    "both, as it is done": _both(),
}


async def cases() -> list[Case]:
    """Read the pairs, and encode their queries. The samples come with their vectors."""
    with PAIRS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    model, full_text = MiniLM(many_papers="graph"), FullTextIndex()
    packed = samples.vectors(model.name)
    papers = {title: (title, abstract, packed[name]) for name, (title, abstract) in texts().items()}
    chosen = [papers[row["title"]] for row in rows]
    spans = await model.word_spans([(title, abstract) for title, abstract, _ in chosen])
    encoded = await model.queries([row["query"] for row in rows])
    model.close()

    def asked(place: int, other: int) -> Asked:
        abstract, vectors = chosen[place][1:]
        start, end = sentence_spans(abstract)[int(rows[place]["sentence"])]
        words = np.frombuffer(encoded[other].words, "<f4").reshape(-1, model.word_dimensions)
        details = unpack(vectors, model.dimensions, model.word_dimensions).details
        cosines = word_cosines(details, words, model.dimensions)
        inside = [row for row, span in enumerate(spans[place]) if start <= span.start and span.end <= end]
        found = [Span(*(at - start for at in spans[place][row])) for row in inside]
        text = abstract[start:end]
        return Asked(text, found, cosines[inside], full_text.words_found(rows[other]["query"], text))

    made = []
    for place, row in enumerate(rows):
        case = asked(place, place)
        right = words_in(case.text, by_hand(case.text, row["words"].split(" | ")))
        idle = asked(place, (place + FAR) % len(rows))
        made.append(Case(case, idle, right, row["wording"] == "own"))
    return made


def by_hand(text: str, marked: Sequence[str]) -> Spans:
    """Return where the words stand that a person marked, one after the other."""
    spans: list[Span] = []
    for each in marked:
        start = text.index(each, spans[-1].end if spans else 0)
        spans.append(Span(start, start + len(each)))
    return spans


def words_in(text: str, spans: Spans) -> frozenset[int]:
    """Return where the words begin that are marked, in whole or in part."""
    return frozenset(
        word.start()
        for word in _WORD.finditer(text)
        if any(word.start() < end and start < word.end() for start, end in spans)
    )


def measured(some: Sequence[Case], way: Callable[[Asked], Spans]) -> NDArray[np.float64]:
    """Return token IoU, precision and the number of idle words: a row for each case."""
    rows = []
    for case in some:
        found = words_in(case.asked.text, way(case.asked))
        both = len(found & case.right)
        idle = len(words_in(case.idle.text, way(case.idle)))
        rows.append((both / len(found | case.right), both / len(found) if found else 0.0, idle))
    return np.array(rows)


def table(name: str, some: Sequence[Case]) -> None:
    """Print how good each way is, and by how much the last one is better."""
    print(f"\n{name}: {len(some)} pairs")
    print(f"{'':22}   IoU  precision  idle   the last one's lead in IoU and precision")
    found = {way: measured(some, mark) for way, mark in WAYS.items()}
    ours = list(found.values())[-1]
    for way, each in found.items():
        iou, precision, idle = each.mean(axis=0)
        leads = [interval(ours[:, column], each[:, column]) for column in (0, 1)]
        said = "  ".join(f"{mean:+.3f} [{low:+.3f}, {high:+.3f}]" for mean, low, high in leads)
        print(f"{way:22} {iou:.3f}      {precision:.3f}  {idle:4.1f}   {'' if each is ours else said}")


def main() -> None:
    """Print a table for the half that was used to choose, and for the other one in its parts."""
    made = asyncio.run(cases())
    table("used to choose", made[::2])
    kept = made[1::2]
    table("kept", kept)
    table("kept, in the paper's words", [case for case in kept if case.own_words])
    table("kept, in other words", [case for case in kept if not case.own_words])


if __name__ == "__main__":
    main()
