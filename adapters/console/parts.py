"""The small parts that drawings are made of."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from adapters.console.limits import AUTHORS_NAMED, TITLE_IN_BRIEF
from adapters.console.text import counted, inert, shortened
from bot.models import EVERY_DAY, Marks, Paper, SubscriptionDraft, TallyCount, Vote, Weekday
from bot.replies import Hit, Pages

_DAY_RUNS = {
    EVERY_DAY: "Every day",
    frozenset(day for day in Weekday if day < Weekday.SAT): "Monday to Friday",
    frozenset({Weekday.SAT, Weekday.SUN}): "Saturday and Sunday",
}


def dim(text: str) -> Text:
    """Text that stands back."""
    return Text(inert(text), style="dim")


def prose(text: str, style: str = "") -> Text:
    """Sentences, with what can be typed set apart."""
    drawn = Text(inert(text), style=style)
    drawn.highlight_regex(r"`[^`]+`", "cyan")
    return drawn


def heading(text: str) -> Text:
    """What a list is about."""
    return Text(inert(text), style="bold underline")


def number(paper: Paper) -> Text:
    """The number that people call a paper by."""
    return Text(f"#{paper.id}", style="cyan")


def title(paper: Paper) -> Text:
    """A paper's title."""
    return Text(inert(paper.title), style="bold")


def numbered_title(paper: Paper) -> Text:
    """A paper's number and title on one line."""
    return Text.assemble(number(paper), " ", title(paper))


def brief(paper: Paper, marks: Marks) -> Text:
    """A paper and its marks on one line."""
    short = shortened(inert(paper.title), TITLE_IN_BRIEF)
    return Text.assemble(number(paper), " ", short, "  ", marks_text(marks))


def votes_text(tally: TallyCount, *, zeros: bool = True) -> str:
    """Both counts, in signs and figures; nothing where there are no votes and `zeros` is false."""
    return f"👍 {tally.up} 👎 {tally.down}" if zeros or tally != TallyCount() else ""


def marks_text(marks: Marks, *, zeros: bool = True) -> str:
    """The votes, and what has been done with the paper here; `zeros` shows votes that are none."""
    votes = votes_text(marks.tally, zeros=zeros)
    said = {Vote.UP: "you voted 👍", Vote.DOWN: "you voted 👎", Vote.NONE: ""}[marks.own_vote]
    done = {"discussed": marks.discussed, "posted": marks.posted, "saved": marks.saved}
    return joined([votes, said, *(word for word, true in done.items() if true)])


def facts(paper: Paper) -> str:
    """Who wrote it, when, and in which field."""
    authors = paper.authors[:AUTHORS_NAMED]
    more = len(paper.authors) - len(authors)
    named = ", ".join(authors) + (f" and {counted(more, 'other')}" if more else "")
    year = str(paper.published.year) if paper.published else ""
    return joined([named, year, ", ".join(paper.categories)])


def joined(words: Iterable[str]) -> str:
    """Words with dots between them, empty ones left out."""
    return " · ".join(word for word in words if word)


def quoted(sentence: str) -> Text:
    """A sentence of somebody else's, in quotation marks."""
    return dim(f"“{sentence}”")


def link(paper: Paper) -> tuple[Text, ...]:
    """The address to read a paper at, where there is one."""
    return (Text(inert(paper.link), style="blue", overflow="fold"),) if paper.link else ()


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


def pages_text(pages: Pages) -> Text:
    """Where a page stands in its list."""
    total = counted(pages.total, "paper")
    return dim(f"page {pages.page} of {pages.pages} · {total}" if pages.pages > 1 else total)


def wishes_text(wanted: SubscriptionDraft) -> str:
    """When and what a subscription posts."""
    days = _DAY_RUNS.get(wanted.days) or ", ".join(day.name.capitalize() for day in sorted(wanted.days))
    return joined(
        [
            f"{days} at {wanted.slot.at:%H:%M} {wanted.slot.timezone}",
            f"at most {counted(wanted.top, 'paper')} a day",
            f"at least {counted(wanted.min_votes, 'up-vote')}" if wanted.min_votes else "",
            f"only {', '.join(sorted(wanted.categories))}" if wanted.categories else "",
        ]
    )


def _hit(hit: Hit) -> Group:
    marks = marks_text(hit.marks, zeros=False)
    return Group(
        title(hit.paper),
        *lines(facts(hit.paper)),
        *([Text(marks)] if marks else []),
        *([quoted(hit.sentence)] if hit.sentence else []),
        *link(hit.paper),
    )
