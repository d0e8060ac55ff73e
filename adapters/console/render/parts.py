"""The parts that rendered replies are made of."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from adapters.console.limits import TITLE_IN_ONE_LINE
from bot.domain.document import Span
from bot.domain.paper import Paper
from bot.domain.vote import PaperStatus
from bot.protocol.marked import quote
from bot.protocol.replies import Hit, Tone
from bot.protocol.wording import TONES, cleaned, facts, nearness_text, shortened, status_text

_TONE_STYLES = {
    Tone.DONE: "bold green",
    Tone.INFO: "",
    Tone.WARNING: "bold yellow",
    Tone.ERROR: "bold red",
}


def dim(text: str) -> Text:
    """Dimmed text."""
    return Text(cleaned(text), style="dim")


def prose(text: str, style: str = "") -> Text:
    """Sentences, with code between backticks in colour."""
    sentences = Text(cleaned(text), style=style)
    sentences.highlight_regex(r"`[^`]+`", "cyan")
    return sentences


def tone(tone: Tone) -> Text:
    """The word that a notice begins with."""
    return Text(f"{TONES[tone]} " if TONES[tone] else "", style=_TONE_STYLES[tone])


def heading(text: str) -> Text:
    """A list's heading."""
    return Text(cleaned(text), style="bold underline")


def number(paper: Paper) -> Text:
    """A paper's number, as people type it."""
    return Text(f"#{paper.id}", style="cyan")


def title(paper: Paper) -> Text:
    """A paper's title."""
    return Text(cleaned(paper.title), style="bold")


def numbered_title(paper: Paper) -> Text:
    """A paper's number and title on one line."""
    return Text.assemble(number(paper), " ", title(paper))


def one_line(paper: Paper, status: PaperStatus) -> Text:
    """A paper's number, short title and votes on one line."""
    short = shortened(cleaned(paper.title), TITLE_IN_ONE_LINE)
    return Text.assemble(number(paper), " ", short, "  ", status_text(status))


def link(paper: Paper) -> tuple[Text, ...]:
    """A paper's address; empty where it has none."""
    return (Text(cleaned(paper.link), style="blue", overflow="fold"),) if paper.link else ()


def lines(*texts: str) -> list[Text]:
    """Dimmed lines, without the empty ones."""
    return [dim(text) for text in texts if text]


def numbered(rows: Iterable[tuple[Text, RenderableType]]) -> Table:
    """A table of rows behind their numbers, with an empty line after each."""
    table = Table(box=None, show_header=False, padding=(0, 1, 1, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for label, content in rows:
        table.add_row(label, content)
    return table


def hits_table(hits: Iterable[Hit]) -> Table:
    """A table of found papers, each with its votes and the sentence that matched."""
    return numbered((number(hit.paper), _hit(hit)) for hit in hits)


def _matched(sentence: str, marks: Iterable[Span]) -> Text:
    # A terminal draws dim and bold together as it likes, so the words that answer are bold alone.
    return Text.assemble(*((text, "bold" if marked else "dim") for text, marked in quote(sentence, marks)))


def _hit(hit: Hit) -> Group:
    status = status_text(hit.status, zeros=False)
    return Group(
        title(hit.paper),
        *lines(facts(hit.paper)),
        *([Text(status)] if status else []),
        *([_matched(hit.sentence, hit.marks)] if hit.sentence else []),
        *([dim(nearness_text(hit.near))] if hit.near else []),
        *link(hit.paper),
    )
