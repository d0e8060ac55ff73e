"""Renders single papers and notices."""

from adapters.discord.limits import (
    ABSTRACT_SHOWN,
    FACTS_SHOWN,
    LINE,
    NOTICE_SHOWN,
    QUOTE_SHOWN,
    TITLE_SHOWN,
)
from adapters.discord.render.components import (
    Colour,
    Component,
    Message,
    Style,
    action_row,
    build_fitting,
    button,
    escaped_note,
    heading,
    link_button,
    message,
    notes,
    subtext,
    text,
)
from adapters.discord.render.text import fitted, linked, permalink, prose
from bot.domain.document import Quote
from bot.domain.paper import Paper
from bot.domain.vote import PaperStatus, Vote
from bot.protocol.actions import Action, CastVote, Discuss, Related, Save, Show, Summarize
from bot.protocol.replies import Answer, Discussion, LinkCard, Notice, PaperCard, Summary, Tally, Tone
from bot.protocol.wording import (
    NO_ABSTRACT,
    TONES,
    abstract_text,
    activities_text,
    answer_heading,
    cleaned,
    curators_text,
    discussion_text,
    facts,
    joined,
    paper_details,
    place_text,
    quoted,
    read_at,
    status_text,
    summary_heading,
)

JOIN_IN = "Write in this message's thread to join in."
COLOURS = {
    Tone.DONE: Colour.DONE,
    Tone.INFO: Colour.PAPER,
    Tone.WARNING: Colour.WARNING,
    Tone.ERROR: Colour.ERROR,
}


def title(paper: Paper, length: int = TITLE_SHOWN) -> str:
    """Return a paper's title, as a link to the paper if it has one."""
    return linked(cleaned(paper.title) or f"#{paper.id}", length, paper.link)


def known_facts(paper: Paper, length: int = FACTS_SHOWN) -> str:
    """Return a paper's number, authors, year and categories, in one line."""
    return joined([f"#{paper.id}", fitted(facts(paper), length)])


def card(reply: PaperCard) -> Message:
    """Render a paper's card."""
    paper = reply.paper
    abstract, shown = (abstract_text(paper, whole=whole) for whole in (True, reply.whole))
    lines = [fitted(line, FACTS_SHOWN) for line in paper_details(paper) if reply.whole]
    curators = fitted(curators_text(paper, reply.status), LINE)

    def build(count: int) -> list[Component]:
        return [
            *escaped_note(reply.note),
            *_head(paper, joined([curators, "" if abstract else NO_ABSTRACT])),
            *([text(fitted(shown, ABSTRACT_SHOWN))] if shown else []),
            *notes(*lines[:count]),
            *_foot(paper, reply.status, shows_all=shown == abstract),
        ]

    return _about(paper, build_fitting(build, len(lines)), reply.note)


def summary(reply: Summary) -> Message:
    """Render the summary of a paper, which quotes sentences of the paper."""
    paper, quotes = reply.paper, reply.quotes

    def build(count: int) -> list[Component]:
        return [
            *_head(paper, summary_heading(quotes)),
            *escaped_note(reply.note),
            *(text(_quote(quote)) for quote in quotes[:count]),
            *_foot(paper, reply.status, without=Summarize),
        ]

    return _about(paper, build_fitting(build, len(quotes)))


def answer(reply: Answer) -> Message:
    """Render the answer to a question about a paper, which quotes sentences of the paper."""
    paper, quotes = reply.paper, reply.quotes

    def build(count: int) -> list[Component]:
        return [
            *_head(paper, fitted(answer_heading(reply.question), LINE)),
            *escaped_note(reply.note),
            *(text(_quote(quote)) for quote in quotes[:count]),
            *notes(fitted(read_at(reply.link), LINE)),
            *_foot(paper, reply.status),
        ]

    return _about(paper, build_fitting(build, len(quotes)))


def discussion(reply: Discussion) -> Message:
    """Render the message that a discussion starts with."""
    return _about(
        reply.paper,
        [
            text(fitted(reply.note, NOTICE_SHOWN)),
            *_head(reply.paper),
            *_foot(reply.paper, reply.status, without=Discuss),
            *notes(JOIN_IN),
        ],
    )


def link_card(reply: LinkCard, guild: str) -> Message:
    """Render the card of a linked paper, with a link to an earlier discussion of it."""
    talk = discussion_text(reply.discussion, reply.timezone)
    url = permalink(guild, reply.discussion.message) if reply.discussion else None
    caption = linked(talk, LINE, url) if talk else ""
    return _about(reply.paper, [*_head(reply.paper, caption), *_foot(reply.paper, reply.status)])


def tally(reply: Tally) -> Message:
    """Render a paper's votes, for the person who cast one."""
    paper = reply.paper
    return message([text(title(paper), subtext(f"#{paper.id} · {status_text(reply.status)}"))])


def notice(reply: Notice) -> Message:
    """Render a notice."""
    prefix = f"**{TONES[reply.tone]}** " if TONES[reply.tone] else ""
    sentence = prefix + fitted(reply.text, NOTICE_SHOWN, prose)
    hint = fitted(reply.hint, NOTICE_SHOWN // 2, prose)
    return message([text(sentence), *notes(hint)], title=reply.text, colour=COLOURS[reply.tone])


def _about(paper: Paper, components: list[Component], note: str = "") -> Message:
    """Build a message about one paper.

    In a forum, the paper's categories choose the tags of the thread, as do their archives: "cs" of "cs.CL".
    """
    archives = {each.partition(".")[0] for each in paper.categories}
    return message(
        components, title=paper.title or f"#{paper.id}", about=(*paper.categories, *sorted(archives), note)
    )


def _head(paper: Paper, caption: str = "") -> list[Component]:
    return [text(heading(title(paper)), subtext(known_facts(paper), caption))]


def _quote(quote: Quote) -> str:
    return f"> {fitted(quoted(cleaned(quote.text)), QUOTE_SHOWN)} {fitted(place_text(quote), LINE)}"


def _foot(
    paper: Paper,
    status: PaperStatus,
    *,
    without: type[Action] | None = None,
    shows_all: bool = False,
) -> list[Component]:
    """Build the end of a card: what people did with the paper, and the buttons.

    `without` is the action whose button is left out, because the card is its result.
    """
    tally = status.tally
    actions: list[tuple[str, Action, Style]] = [
        (f"👍 {tally.up}", CastVote(paper.id, Vote.UP), Style.SUCCESS),
        (f"👎 {tally.down}", CastVote(paper.id, Vote.DOWN), Style.SECONDARY),
        ("Save", Save(paper.id), Style.SECONDARY),
        ("Summarize", Summarize(paper.id), Style.SECONDARY),
        ("Discuss", Discuss(paper.id), Style.SECONDARY),
    ]
    first = [button(name, action, style) for name, action, style in actions if not _is(action, without)]
    more = [button("Related papers", Related(paper.id))]
    if not shows_all and cleaned(paper.abstract):
        more.append(button("Whole abstract", Show(paper.id)))
    return [
        *notes(activities_text(status)),
        *action_row(*first),
        *action_row(*more, *link_button("Read", paper.link)),
    ]


def _is(action: Action, kind: type[Action] | None) -> bool:
    return kind is not None and isinstance(action, kind)
