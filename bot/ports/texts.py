"""Summaries, full texts and answers."""

from typing import Protocol

from bot.domain.document import Document, Quote
from bot.domain.paper import Paper


class Summarizer(Protocol):
    """Picks the sentences that say what a paper is about."""

    async def summarize(self, paper: Paper, sentences: int) -> tuple[Quote, ...]:
        """Quote at most `sentences` sentences of the abstract, in the abstract's order."""
        ...

    async def summarize_text(self, paper: Paper, text: Document, sentences: int) -> tuple[Quote, ...]:
        """Quote at most `sentences` sentences of a paper's full text, in the text's order."""
        ...


class FullTexts(Protocol):
    """Papers' full texts. They are fetched on request and never stored."""

    async def read(self, paper: Paper) -> Document | None:
        """Return a paper's text, None if no open copy is known.

        Raises:
            SourceUnavailable: the text could not be fetched or read.

        """
        ...


class Answerer(Protocol):
    """Finds what a paper says to a question."""

    async def answer(self, question: str, text: Document, sentences: int) -> tuple[Quote, ...]:
        """Quote at most `sentences` sentences that answer a question, in the text's order.

        Empty if no sentence does.
        """
        ...
