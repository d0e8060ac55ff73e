"""Answers are the paper's own sentences, with their places, or there are none."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from word_vectors import WordVectors

from bot.domain.document import Document, Passage
from bot.domain.paper import Paper
from papers.answers import QuotingAnswerer, shared_words
from papers.documents import html, reader
from papers.summaries import ExtractiveSummarizer
from tests.servers.sources.full_texts import PAGE

KETTLES = Document(html.passages_in(reader.page(PAGE.encode())), "https://arxiv.org/html/2406.00001")
PAPER = Paper(1, "Kettles that Whistle", "", "arxiv", datetime(2026, 9, 21, tzinfo=UTC))
PASSAGES = st.lists(
    st.text("abc kettle. ?!1", max_size=200).map(lambda text: Passage(text, "page 1")), max_size=5
)


async def test_the_sentence_that_speaks_to_a_question() -> None:
    answerer = QuotingAnswerer(WordVectors())
    (loud,) = await answerer.answer("how much louder is it than a trumpet?", KETTLES, 1)
    assert loud.text == "The spout is 2.4\N{MULTIPLICATION SIGN} louder than a trumpet at one metre."
    assert (loud.where, loud.number, loud.of) == ("2.1 Loudness", 5, 9)
    (cost,) = await answerer.answer("what does each spout cost in cents?", KETTLES, 1)
    assert (cost.text, cost.where) == ("Each spout costs seven cents to print.", "2.2 Cost")


async def test_nothing_is_said_where_the_paper_says_nothing() -> None:
    answerer = QuotingAnswerer(WordVectors())
    assert await answerer.answer("which proteins fold in yeast?", KETTLES, 3) == ()
    assert await answerer.answer("?", KETTLES, 3) == ()
    assert await answerer.answer("what?", Document((), "x"), 3) == ()


async def test_a_text_is_encoded_once_for_all_questions() -> None:
    embedder = WordVectors()
    answerer = QuotingAnswerer(embedder)
    await answerer.answer("how loud?", KETTLES, 3)
    encoded = len(embedder.asked)
    await answerer.answer("how dear?", Document(KETTLES.passages, KETTLES.link), 3)
    assert len(embedder.asked) == encoded > 0


@given(st.text(max_size=60), PASSAGES, st.integers(1, 5))
@settings(max_examples=60)
async def test_whatever_is_asked_only_the_papers_own_sentences_come(
    question: str, passages: list[Passage], number: int
) -> None:
    document = Document(tuple(passages), "x")
    for quotes in (
        await QuotingAnswerer(WordVectors()).answer(question, document, number),
        await ExtractiveSummarizer().summarize_text(PAPER, document, number),
    ):
        assert len(quotes) <= number
        assert all(any(quote.text in passage.text for passage in passages) for quote in quotes)
        assert [quote.number for quote in quotes] == sorted(quote.number for quote in quotes)


async def test_a_summary_of_the_whole_paper() -> None:
    quotes = await ExtractiveSummarizer().summarize_text(PAPER, KETTLES, 2)
    assert len(quotes) == 2
    assert len({quote.text for quote in quotes}) == 2
    assert all(quote.where for quote in quotes)


def test_rare_words_count_for_more() -> None:
    texts = ["the kettle is loud", "the kettle is red", "the kettle is tin"]
    loud, red, _ = shared_words("loud kettle", texts)
    assert loud == 1.0
    assert 0 < red < 0.5
    assert shared_words("the of and", texts) == [0.0, 0.0, 0.0]
