"""The small parts that drawings are made of."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from adapters.console.limits import TITLE_IN_BRIEF
from bot.domain.paper import Paper
from bot.domain.vote import PaperStatus
from bot.protocol.replies import Hit, Tone
from bot.protocol.wording import TONES, cleaned, facts, quoted, shortened, status_text

_TONE_STYLES = {
    Tone.DONE: "bold green",
    Tone.INFO: "",
    Tone.WARNING: "bold yellow",
    Tone.ERROR: "bold red",
}


def dim(text: str) -> Text:
    """Text that stands back."""
    return Text(cleaned(text), style="dim")


def prose(text: str, style: str = "") -> Text:
    """Sentences, with what can be typed set apart."""
    drawn = Text(cleaned(text), style=style)
    drawn.highlight_regex(r"`[^`]+`", "cyan")
    return drawn


def tone(tone: Tone) -> Text:
    """The word that a notice begins with."""
    return Text(f"{TONES[tone]} " if TONES[tone] else "", style=_TONE_STYLES[tone])


def heading(text: str) -> Text:
    """What a list is about."""
    return Text(cleaned(text), style="bold underline")


def number(paper: Paper) -> Text:
    """The number that people call a paper by."""
    return Text(f"#{paper.id}", style="cyan")


def title(paper: Paper) -> Text:
    """A paper's title."""
    return Text(cleaned(paper.title), style="bold")


def numbered_title(paper: Paper) -> Text:
    """A paper's number and title on one line."""
    return Text.assemble(number(paper), " ", title(paper))


def brief(paper: Paper, status: PaperStatus) -> Text:
    """A paper and its marks on one line."""
    short = shortened(cleaned(paper.title), TITLE_IN_BRIEF)
    return Text.assemble(number(paper), " ", short, "  ", status_text(status))


def link(paper: Paper) -> tuple[Text, ...]:
    """The address to read a paper at, where there is one."""
    return (Text(cleaned(paper.link), style="blue", overflow="fold"),) if paper.link else ()


def lines(*texts: str) -> list[Text]:
    """Lines that stand back, empty ones left out."""
    return [dim(text) for text in texts if text]


def numbered(rows: Iterable[tuple[Text, RenderableType]]) -> Table:
    """Rows that hang on their numbers, an empty line below each."""
    table = Table(box=None, show_header=False, padding=(0, 1, 1, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for label, content in rows:
        table.add_row(label, content)
    return table


def hits_drawn(hits: Iterable[Hit]) -> Table:
    """Papers found, each with its marks and the sentence that matched."""
    return numbered((number(hit.paper), _hit(hit)) for hit in hits)


def _hit(hit: Hit) -> Group:
    status = status_text(hit.status, zeros=False)
    return Group(
        title(hit.paper),
        *lines(facts(hit.paper)),
        *([Text(status)] if status else []),
        *([dim(quoted(hit.sentence))] if hit.sentence else []),
        *link(hit.paper),
    )
