"""Reply → drawing: every meaning that the bot has, as it looks in a terminal."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import assert_never

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from adapters.console.controls import CONTROLS
from adapters.console.render import lists
from adapters.console.render.buttons import (
    Button,
    page_buttons,
    paper_buttons,
    row_buttons,
    subscription_buttons,
)
from adapters.console.render.parts import (
    brief,
    dim,
    heading,
    lines,
    link,
    numbered_title,
    prose,
    tone,
)
from bot.domain.document import Quote
from bot.domain.paper import Paper
from bot.domain.vote import PaperStatus
from bot.protocol.actions import Discuss, Show, Summarize
from bot.protocol.replies import (
    Answer,
    Digest,
    Discussion,
    Form,
    Help,
    HelpEntry,
    Home,
    Leaderboard,
    LinkCard,
    Notice,
    PaperCard,
    ReadingList,
    Reply,
    SearchResults,
    SettingsCard,
    Subscribed,
    SubscriptionList,
    Suggestions,
    Summary,
    Tally,
    Tone,
    papers_shown,
)
from bot.protocol.wording import (
    EXAMPLES,
    MORE_HELP,
    NO_ABSTRACT,
    NOTHING_FOUND,
    abstract_text,
    answer_heading,
    cleaned,
    curators_text,
    facts,
    field_text,
    paper_details,
    place_text,
    quoted,
    read_at,
    status_text,
    summary_heading,
    talk_text,
)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A reply as it is put on the screen, and what can be pressed under it."""

    body: tuple[RenderableType, ...]
    buttons: tuple[Button, ...] = ()
    brief: Text | None = None
    """The one line that tells all when only the marks have changed."""
    for_talk: bool = False
    """Whether people are asked to write in its thread."""
    error: bool = False


def render(reply: Reply) -> Drawing:  # noqa: C901, PLR0911, PLR0912 - one case a meaning
    """Draw a reply."""
    match reply:
        case SearchResults():
            buttons = page_buttons(reply.pages, shareable=reply.shareable) if reply.hits else ()
            rows = row_buttons(hit.paper for hit in reply.hits)
            return Drawing(lists.search(reply), buttons + rows)
        case PaperCard():
            return _card(reply)
        case Summary():
            return _summary(reply)
        case Answer():
            return _answer(reply)
        case Discussion():
            return _discussion(reply)
        case Digest():
            return Drawing(lists.digest(reply), _digest_buttons(reply))
        case Tally():
            return Drawing((brief(reply.paper, reply.status),))
        case Leaderboard():
            rows = row_buttons(row.paper for row in reply.rows)
            return Drawing(lists.leaderboard(reply), page_buttons(reply.pages) + rows)
        case ReadingList():
            rows = row_buttons(row.paper for row in reply.rows)
            return Drawing(lists.reading_list(reply), page_buttons(reply.pages) + rows)
        case Subscribed():
            return Drawing(lists.subscribed(reply))
        case SubscriptionList():
            return Drawing(
                lists.subscription_list(reply), page_buttons(reply.pages) + subscription_buttons(reply.rows)
            )
        case SettingsCard():
            return Drawing(lists.settings(reply))
        case Form():
            return _form(reply)
        case Home():
            return Drawing(lists.home(reply), _home_buttons(reply))
        case LinkCard():
            return _link_card(reply)
        case Suggestions():
            return Drawing(tuple(dim(each.label) for each in reply.choices) or (Text(NOTHING_FOUND),))
        case Help():
            return Drawing(_detailed_help(reply) if reply.detailed else _help(reply.entries))
        case Notice():
            return _notice(reply)
        case _:
            assert_never(reply)


def _card(card: PaperCard) -> Drawing:
    shown = abstract_text(card.paper, whole=card.whole)
    body = (
        *lines(card.note),
        numbered_title(card.paper),
        *lines(facts(card.paper), cleaned(curators_text(card.paper, card.status))),
        *([Text(shown)] if shown else [dim(NO_ABSTRACT)]),
        *lines(*(map(cleaned, paper_details(card.paper)) if card.whole else ())),
        *_below(card.paper, card.status),
    )
    nothing_more = [Show] if shown == abstract_text(card.paper, whole=True) else []
    return Drawing(body, paper_buttons(card.paper, *nothing_more), brief(card.paper, card.status))


def _summary(summary: Summary) -> Drawing:
    body = (
        numbered_title(summary.paper),
        *lines(facts(summary.paper), summary_heading(summary.quotes)),
        *_quotes(summary.quotes),
        *_below(summary.paper, summary.status),
    )
    buttons = paper_buttons(summary.paper, Summarize)
    return Drawing(body, buttons, brief(summary.paper, summary.status))


def _answer(answer: Answer) -> Drawing:
    body = (
        numbered_title(answer.paper),
        *lines(facts(answer.paper), answer_heading(answer.question)),
        *_quotes(answer.quotes),
        *lines(read_at(answer.link)),
        *_below(answer.paper, answer.status),
    )
    return Drawing(body, paper_buttons(answer.paper), brief(answer.paper, answer.status))


def _quotes(quotes: Sequence[Quote]) -> list[Text]:
    return [Text.assemble(f"{quoted(cleaned(each.text))} ", (place_text(each), "dim")) for each in quotes]


def _discussion(talk: Discussion) -> Drawing:
    body = (
        prose(talk.note),
        numbered_title(talk.paper),
        *lines(facts(talk.paper)),
        *_below(talk.paper, talk.status),
    )
    buttons = paper_buttons(talk.paper, Discuss)
    return Drawing(body, buttons, brief(talk.paper, talk.status), for_talk=True)


def _link_card(card: LinkCard) -> Drawing:
    body = (
        numbered_title(card.paper),
        *lines(facts(card.paper), talk_text(card.talk, card.timezone)),
        *_below(card.paper, card.status),
    )
    return Drawing(body, paper_buttons(card.paper), brief(card.paper, card.status))


def _form(form: Form) -> Drawing:
    """A form as what can be typed instead, each field with what stands in it."""
    fields = Table.grid(padding=(0, 2, 0, 0))
    for each in form.fields:
        fields.add_row(
            Text(cleaned(each.label), style="bold"), Text(cleaned(each.value)), prose(field_text(each))
        )
    wrong = [each for each in (form.error, *(field.error for field in form.fields)) if each]
    errors = [Text.assemble(tone(Tone.ERROR), prose(each)) for each in wrong]
    typed = Text.assemble("Type it like this: ", (cleaned(form.usage), "cyan"))
    return Drawing((heading(form.title), fields, typed, *errors), error=bool(errors))


def _home_buttons(page: Home) -> tuple[Button, ...]:
    papers = {paper.id: paper for paper in papers_shown(page)}
    return subscription_buttons(page.subscriptions) + row_buttons(papers.values())


def _below(paper: Paper, status: PaperStatus) -> tuple[Text, ...]:
    return (Text(status_text(status)), *link(paper))


def _digest_buttons(digest: Digest) -> tuple[Button, ...]:
    papers = {hit.paper.id: hit.paper for section in digest.sections for hit in section.hits}
    return row_buttons(papers.values()) if digest.preview else ()


def controls() -> Drawing:
    """Draw what the console itself understands."""
    pairs = [(control.usage, control.summary) for control in CONTROLS.values()]
    return Drawing(
        (
            _explained(pairs),
            dim("MESSAGE is a number such as 12, or `last`. Any line but these goes to the bot."),
        )
    )


def _help(entries: tuple[HelpEntry, ...]) -> tuple[RenderableType, ...]:
    pairs = [(entry.usage.partition(" ")[0], entry.summary) for entry in entries]
    return (
        _explained(pairs),
        dim(f"{MORE_HELP} /help explains this console."),
    )


def _detailed_help(reply: Help) -> tuple[RenderableType, ...]:
    drawn: list[RenderableType] = []
    for entry in reply.entries:
        drawn += [Text(cleaned(entry.usage), style="bold cyan"), prose(entry.summary)]
        if entry.parameters:
            drawn += [Text(), _explained(entry.parameters), Text()]
        if entry.examples:
            drawn += [dim(EXAMPLES), *(Text(f"  {cleaned(example)}") for example in entry.examples)]
    return tuple(drawn)


def _explained(pairs: Iterable[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for written, meaning in pairs:
        table.add_row(Text(cleaned(written), style="cyan"), prose(meaning))
    return table


def _notice(notice: Notice) -> Drawing:
    hint = [prose(notice.hint, "dim")] if notice.hint else []
    first, *below = notice.text.splitlines()
    body = (Text.assemble(tone(notice.tone), prose(first)), *map(prose, below), *hint)
    return Drawing(body, error=notice.tone is Tone.ERROR)
