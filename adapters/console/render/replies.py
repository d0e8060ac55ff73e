"""Reply → text for a terminal."""

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
    step_buttons,
    subscription_buttons,
)
from adapters.console.render.parts import (
    dim,
    heading,
    lines,
    link,
    numbered_title,
    one_line,
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
    discussion_text,
    facts,
    field_text,
    paper_details,
    place_text,
    quoted,
    read_at,
    status_text,
    summary_heading,
)


@dataclass(frozen=True, slots=True)
class RenderedReply:
    """A reply for the screen, with its buttons."""

    body: tuple[RenderableType, ...]
    buttons: tuple[Button, ...] = ()
    one_line: Text | None = None
    """A paper and its votes on one line, which is enough after an edit; None for all other replies."""
    invites_replies: bool = False
    """Whether people are told how to reply in its thread."""
    error: bool = False


def render(reply: Reply) -> RenderedReply:  # noqa: C901, PLR0911, PLR0912 - one case a reply
    """Render a reply."""
    match reply:
        case SearchResults():
            buttons = page_buttons(reply.pages, shareable=reply.shareable) if reply.hits else ()
            rows = row_buttons(hit.paper for hit in reply.hits)
            return RenderedReply(lists.search(reply), buttons + rows)
        case PaperCard():
            return _card(reply)
        case Summary():
            return _summary(reply)
        case Answer():
            return _answer(reply)
        case Discussion():
            return _discussion(reply)
        case Digest():
            return RenderedReply(lists.digest(reply), _digest_buttons(reply))
        case Tally():
            return RenderedReply((one_line(reply.paper, reply.status),))
        case Leaderboard():
            rows = row_buttons(row.paper for row in reply.rows)
            steps = step_buttons(reply.dates) if reply.dates else ()
            return RenderedReply(lists.leaderboard(reply), page_buttons(reply.pages) + steps + rows)
        case ReadingList():
            rows = row_buttons(row.paper for row in reply.rows)
            return RenderedReply(lists.reading_list(reply), page_buttons(reply.pages) + rows)
        case Subscribed():
            return RenderedReply(lists.subscribed(reply))
        case SubscriptionList():
            return RenderedReply(
                lists.subscription_list(reply), page_buttons(reply.pages) + subscription_buttons(reply.rows)
            )
        case SettingsCard():
            return RenderedReply(lists.settings(reply))
        case Form():
            return _form(reply)
        case Home():
            return RenderedReply(lists.home(reply), _home_buttons(reply))
        case LinkCard():
            return _link_card(reply)
        case Suggestions():
            return RenderedReply(tuple(dim(each.label) for each in reply.choices) or (Text(NOTHING_FOUND),))
        case Help():
            return RenderedReply(_detailed_help(reply) if reply.detailed else _help(reply.entries))
        case Notice():
            return _notice(reply)
        case _:
            assert_never(reply)


def _card(card: PaperCard) -> RenderedReply:
    shown = abstract_text(card.paper, whole=card.whole)
    body = (
        *lines(card.note),
        numbered_title(card.paper),
        *lines(facts(card.paper), cleaned(curators_text(card.paper, card.status))),
        *([Text(shown)] if shown else [dim(NO_ABSTRACT)]),
        *lines(*(map(cleaned, paper_details(card.paper)) if card.whole else ())),
        *_status_and_link(card.paper, card.status),
    )
    nothing_more = [Show] if shown == abstract_text(card.paper, whole=True) else []
    return RenderedReply(body, paper_buttons(card.paper, *nothing_more), one_line(card.paper, card.status))


def _summary(summary: Summary) -> RenderedReply:
    body = (
        numbered_title(summary.paper),
        *lines(facts(summary.paper), summary_heading(summary.quotes), cleaned(summary.note)),
        *_quotes(summary.quotes),
        *_status_and_link(summary.paper, summary.status),
    )
    buttons = paper_buttons(summary.paper, Summarize)
    return RenderedReply(body, buttons, one_line(summary.paper, summary.status))


def _answer(answer: Answer) -> RenderedReply:
    body = (
        numbered_title(answer.paper),
        *lines(facts(answer.paper), answer_heading(answer.question), cleaned(answer.note)),
        *_quotes(answer.quotes),
        *lines(read_at(answer.link)),
        *_status_and_link(answer.paper, answer.status),
    )
    return RenderedReply(body, paper_buttons(answer.paper), one_line(answer.paper, answer.status))


def _quotes(quotes: Sequence[Quote]) -> list[Text]:
    return [Text.assemble(f"{quoted(cleaned(each.text))} ", (place_text(each), "dim")) for each in quotes]


def _discussion(talk: Discussion) -> RenderedReply:
    body = (
        prose(talk.note),
        numbered_title(talk.paper),
        *lines(facts(talk.paper)),
        *_status_and_link(talk.paper, talk.status),
    )
    buttons = paper_buttons(talk.paper, Discuss)
    return RenderedReply(body, buttons, one_line(talk.paper, talk.status), invites_replies=True)


def _link_card(card: LinkCard) -> RenderedReply:
    body = (
        numbered_title(card.paper),
        *lines(facts(card.paper), discussion_text(card.discussion, card.timezone)),
        *_status_and_link(card.paper, card.status),
    )
    return RenderedReply(body, paper_buttons(card.paper), one_line(card.paper, card.status))


def _form(form: Form) -> RenderedReply:
    """A form's fields with their values, and the command to type: a terminal has no forms."""
    fields = Table.grid(padding=(0, 2, 0, 0))
    for each in form.fields:
        fields.add_row(
            Text(cleaned(each.label), style="bold"), Text(cleaned(each.value)), prose(field_text(each))
        )
    texts = [each for each in (form.error, *(field.error for field in form.fields)) if each]
    errors = [Text.assemble(tone(Tone.ERROR), prose(each)) for each in texts]
    usage = Text.assemble("Type it like this: ", (cleaned(form.usage), "cyan"))
    return RenderedReply((heading(form.title), fields, usage, *errors), error=bool(errors))


def _home_buttons(page: Home) -> tuple[Button, ...]:
    papers = {paper.id: paper for paper in papers_shown(page)}
    return subscription_buttons(page.subscriptions) + row_buttons(papers.values())


def _status_and_link(paper: Paper, status: PaperStatus) -> tuple[Text, ...]:
    return (Text(status_text(status)), *link(paper))


def _digest_buttons(digest: Digest) -> tuple[Button, ...]:
    papers = {hit.paper.id: hit.paper for section in digest.sections for hit in section.hits}
    return row_buttons(papers.values()) if digest.preview else ()


def controls() -> RenderedReply:
    """Render the help on the console's own controls."""
    pairs = [(control.usage, control.summary) for control in CONTROLS.values()]
    return RenderedReply(
        (
            _definitions(pairs),
            dim("MESSAGE is a number such as 12, or `last`. Any line but these goes to the bot."),
        )
    )


def _help(entries: tuple[HelpEntry, ...]) -> tuple[RenderableType, ...]:
    pairs = [(entry.usage.partition(" ")[0], entry.summary) for entry in entries]
    return (
        _definitions(pairs),
        dim(f"{MORE_HELP} /help explains this console."),
    )


def _detailed_help(reply: Help) -> tuple[RenderableType, ...]:
    body: list[RenderableType] = []
    for entry in reply.entries:
        body += [Text(cleaned(entry.usage), style="bold cyan"), prose(entry.summary)]
        if entry.parameters:
            body += [Text(), _definitions(entry.parameters), Text()]
        if entry.examples:
            body += [dim(EXAMPLES), *(Text(f"  {cleaned(example)}") for example in entry.examples)]
    return tuple(body)


def _definitions(pairs: Iterable[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for term, meaning in pairs:
        table.add_row(Text(cleaned(term), style="cyan"), prose(meaning))
    return table


def _notice(notice: Notice) -> RenderedReply:
    hint = [prose(notice.hint, "dim")] if notice.hint else []
    first, *below = notice.text.splitlines()
    body = (Text.assemble(tone(notice.tone), prose(first)), *map(prose, below), *hint)
    return RenderedReply(body, error=notice.tone is Tone.ERROR)
