"""Drawings of one paper, and of a word said by the way."""

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
    as_many,
    aside,
    button,
    heading,
    link_button,
    message,
    notes,
    row,
    small,
    text,
)
from adapters.discord.render.text import fitted, permalink, prose, titled
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
    facts,
    joined,
    paper_details,
    place_text,
    quoted,
    read_at,
    status_text,
    summary_heading,
    talk_text,
)

JOIN_IN = "Write in this message's thread to join in."
COLOURS = {
    Tone.DONE: Colour.DONE,
    Tone.INFO: Colour.PAPER,
    Tone.WARNING: Colour.WARNING,
    Tone.ERROR: Colour.ERROR,
}


def title(paper: Paper, length: int = TITLE_SHOWN) -> str:
    """A paper's title, leading to where it can be read."""
    return titled(cleaned(paper.title) or f"#{paper.id}", length, paper.link)


def known_facts(paper: Paper, length: int = FACTS_SHOWN) -> str:
    """The number that people call a paper by, who wrote it, when and in which field."""
    return joined([f"#{paper.id}", fitted(facts(paper), length)])


def card(reply: PaperCard) -> Message:
    """One paper."""
    paper = reply.paper
    abstract, shown = (abstract_text(paper, whole=whole) for whole in (True, reply.whole))
    lines = [fitted(line, FACTS_SHOWN) for line in paper_details(paper) if reply.whole]
    curators = fitted(curators_text(paper, reply.status), LINE)

    def build(count: int) -> list[Component]:
        return [
            *aside(reply.note),
            *_head(paper, joined([curators, "" if abstract else NO_ABSTRACT])),
            *([text(fitted(shown, ABSTRACT_SHOWN))] if shown else []),
            *notes(*lines[:count]),
            *_foot(paper, reply.status, shows_all=shown == abstract),
        ]

    return _about(paper, as_many(build, len(lines)), reply.note)


def summary(reply: Summary) -> Message:
    """A paper in its own sentences."""
    paper, quotes = reply.paper, reply.quotes

    def build(count: int) -> list[Component]:
        return [
            *_head(paper, summary_heading(quotes)),
            *(text(_quote(quote)) for quote in quotes[:count]),
            *_foot(paper, reply.status, without=Summarize),
        ]

    return _about(paper, as_many(build, len(quotes)))


def answer(reply: Answer) -> Message:
    """What a paper says to a question, in its own sentences."""
    paper, quotes = reply.paper, reply.quotes

    def build(count: int) -> list[Component]:
        return [
            *_head(paper, fitted(answer_heading(reply.question), LINE)),
            *(text(_quote(quote)) for quote in quotes[:count]),
            *notes(fitted(read_at(reply.link), LINE)),
            *_foot(paper, reply.status),
        ]

    return _about(paper, as_many(build, len(quotes)))


def discussion(reply: Discussion) -> Message:
    """A paper put up for talk."""
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
    """A paper that somebody linked to, and where it was discussed before."""
    talk = talk_text(reply.talk, reply.timezone)
    where = permalink(guild, reply.talk.message) if reply.talk else None
    caption = titled(talk, LINE, where) if talk else ""
    return _about(reply.paper, [*_head(reply.paper, caption), *_foot(reply.paper, reply.status)])


def tally(reply: Tally) -> Message:
    """The votes on a paper, told to the person who cast one."""
    paper = reply.paper
    return message([text(title(paper), small(f"#{paper.id} · {status_text(reply.status)}"))])


def notice(reply: Notice) -> Message:
    """A sentence or two."""
    word = f"**{TONES[reply.tone]}** " if TONES[reply.tone] else ""
    said = word + fitted(reply.text, NOTICE_SHOWN, prose)
    hint = fitted(reply.hint, NOTICE_SHOWN // 2, prose)
    return message([text(said), *notes(hint)], title=reply.text, colour=COLOURS[reply.tone])


def _about(paper: Paper, components: list[Component], note: str = "") -> Message:
    """A message about one paper."""
    archives = {each.partition(".")[0] for each in paper.categories}
    return message(
        components, title=paper.title or f"#{paper.id}", about=(*paper.categories, *sorted(archives), note)
    )


def _head(paper: Paper, caption: str = "") -> list[Component]:
    return [text(heading(title(paper)), small(known_facts(paper), caption))]


def _quote(quote: Quote) -> str:
    return f"> {fitted(quoted(cleaned(quote.text)), QUOTE_SHOWN)} {fitted(place_text(quote), LINE)}"


def _foot(
    paper: Paper,
    status: PaperStatus,
    *,
    without: type[Action] | None = None,
    shows_all: bool = False,
) -> list[Component]:
    """What has been done with the paper, and what can be done."""
    tally = status.tally
    deeds: list[tuple[str, Action, Style]] = [
        (f"👍 {tally.up}", CastVote(paper.id, Vote.UP), Style.GOOD),
        (f"👎 {tally.down}", CastVote(paper.id, Vote.DOWN), Style.PLAIN),
        ("Save", Save(paper.id), Style.PLAIN),
        ("Summarize", Summarize(paper.id), Style.PLAIN),
        ("Discuss", Discuss(paper.id), Style.PLAIN),
    ]
    first = [button(name, action, style) for name, action, style in deeds if not _is(action, without)]
    more = [button("Related papers", Related(paper.id))]
    if not shows_all and cleaned(paper.abstract):
        more.append(button("Whole abstract", Show(paper.id)))
    return [*notes(activities_text(status)), *row(*first), *row(*more, *link_button("Read", paper.link))]


def _is(action: Action, kind: type[Action] | None) -> bool:
    return kind is not None and isinstance(action, kind)
