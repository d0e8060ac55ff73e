"""Summaries, full texts and answers."""

from typing import Protocol

from bot.domain.document import Document, Quote
from bot.domain.paper import Paper


class Summarizer(Protocol):
    """Choosing the sentences that tell what a paper is about."""

    async def summarize(self, paper: Paper, sentences: int) -> tuple[Quote, ...]:
        """Quote at most so many of the abstract's own sentences, in the abstract's order."""
        ...

    async def summarize_text(self, paper: Paper, text: Document, sentences: int) -> tuple[Quote, ...]:
        """Quote at most so many sentences of a paper's full text, in its order."""
        ...

    def sentence(self, paper: Paper, number: int) -> str | None:
        """The abstract's sentence at this place, counted from 0."""
        ...


class FullTexts(Protocol):
    """Papers' full texts, which are fetched when somebody asks and kept nowhere."""

    async def read(self, paper: Paper) -> Document | None:
        """Give a paper's text, None where it is open nowhere that is known.

        Raises:
            SourceUnavailable: it could not be fetched, or not be read.

        """
        ...


class Answerer(Protocol):
    """Finding what a paper says to a question."""

    async def answer(self, question: str, text: Document, sentences: int) -> tuple[Quote, ...]:
        """Quote at most so many sentences that speak to a question, in its order; none where none does."""
        ...
