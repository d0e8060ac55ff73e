"""Drawings of one paper, and of a word said by the way."""

import textwrap

from adapters.slack.limits import (
    ABSTRACT_PART,
    ABSTRACT_PARTS,
    FACTS_SHOWN,
    LINE,
    SECTION_TEXT,
    TITLE_SHOWN,
)
from adapters.slack.render.blocks import (
    Block,
    Message,
    actions,
    as_many,
    aside,
    button,
    context,
    message,
    more,
    section,
    words,
)
from adapters.slack.render.text import fitted, inert, linked, permalink, prose
from bot.domain.document import Quote
from bot.domain.paper import Paper
from bot.domain.vote import PaperStatus, Vote
from bot.protocol.actions import Action, CastVote, Discuss, Related, Save, Show, Summarize
from bot.protocol.replies import Answer, Discussion, LinkCard, Notice, PaperCard, Summary, Tally
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
    shortened,
    status_text,
    summary_heading,
    talk_text,
    votes_text,
)

JOIN_IN = "Write in this message's thread to join in."
_NAMED = 40
"""Characters of a title in a button's label for those who cannot see where it stands."""


def title(paper: Paper, length: int = TITLE_SHOWN) -> str:
    """A paper's title, leading to where it can be read."""
    return linked(fitted(paper.title, length) or f"#{paper.id}", paper.link)


def known_facts(paper: Paper) -> str:
    """The number that people call a paper by, who wrote it, when and in which field."""
    return joined([f"#{paper.id}", fitted(facts(paper), FACTS_SHOWN)])


def card(reply: PaperCard) -> Message:
    """One paper."""
    paper = reply.paper
    abstract = abstract_text(paper, whole=True)
    shown = abstract_text(paper, whole=reply.whole)
    parts = textwrap.wrap(shown, ABSTRACT_PART)[:ABSTRACT_PARTS]
    curators = fitted(curators_text(paper, reply.status), FACTS_SHOWN)

    def build(count: int) -> list[Block]:
        return [
            *aside(reply.note),
            *_head(paper, curators, "" if abstract else NO_ABSTRACT),
            *(words(part) for part in parts[:count]),
            *context(*(fitted(line, FACTS_SHOWN) for line in paper_details(paper) if reply.whole)),
            *_foot(paper, reply.status, shows_all=shown == abstract),
        ]

    return message(as_many(build, len(parts)), votes_text(reply.status.tally))


def summary(reply: Summary) -> Message:
    """A paper in its own sentences."""
    paper, quotes = reply.paper, reply.quotes

    def build(count: int) -> list[Block]:
        return [
            *_head(paper, summary_heading(quotes)),
            *(section(_quote(quote)) for quote in quotes[:count]),
            *_foot(paper, reply.status, without=Summarize),
        ]

    return message(as_many(build, len(quotes)), votes_text(reply.status.tally))


def answer(reply: Answer) -> Message:
    """What a paper says to a question, in its own sentences."""
    paper, quotes = reply.paper, reply.quotes

    def build(count: int) -> list[Block]:
        return [
            *_head(paper, fitted(answer_heading(reply.question), LINE)),
            *(section(_quote(quote)) for quote in quotes[:count]),
            *context(fitted(read_at(reply.link), LINE)),
            *_foot(paper, reply.status),
        ]

    return message(as_many(build, len(quotes)), votes_text(reply.status.tally))


def discussion(reply: Discussion) -> Message:
    """A paper put up for talk."""
    blocks = [
        words(reply.note),
        *_head(reply.paper),
        *_foot(reply.paper, reply.status, without=Discuss),
        *context(JOIN_IN),
    ]
    return message(blocks, votes_text(reply.status.tally))


def link_card(reply: LinkCard, address: str) -> Message:
    """A paper that somebody linked to, and where it was discussed before."""
    talk = talk_text(reply.talk, reply.timezone)
    where = permalink(address, reply.talk.message) if reply.talk else None
    return message(
        [*_head(reply.paper, linked(inert(talk), where)), *_foot(reply.paper, reply.status)],
        votes_text(reply.status.tally),
    )


def tally(reply: Tally) -> Message:
    """The votes on a paper, told to the person who cast one."""
    return message(
        [section(title(reply.paper)), *context(f"#{reply.paper.id} · {status_text(reply.status)}")]
    )


def notice(reply: Notice) -> Message:
    """A sentence or two."""
    word = f"*{TONES[reply.tone]}* " if TONES[reply.tone] else ""
    text = fitted(reply.text, SECTION_TEXT - len(word), prose)
    return message([section(word + text), *context(fitted(reply.hint, LINE, prose))])


def _head(paper: Paper, *captions: str) -> list[Block]:
    return [section(f"*{title(paper)}*"), *context(known_facts(paper), *captions)]


def _quote(quote: Quote) -> str:
    place = f" {inert(place_text(quote))}"
    return f">{fitted(quoted(cleaned(quote.text)), SECTION_TEXT - len(place) - 1)}{place}"


def _foot(
    paper: Paper,
    status: PaperStatus,
    *,
    without: type[Action] | None = None,
    shows_all: bool = False,
) -> list[Block]:
    """What has been done with the paper, and what can be done."""
    about = f"#{paper.id} {shortened(cleaned(paper.title), _NAMED)}"
    tally = status.tally
    deeds: list[tuple[str, str, str, Action]] = [
        ("up", f"👍 {tally.up}", "Up-vote", CastVote(paper.id, Vote.UP)),
        ("down", f"👎 {tally.down}", "Down-vote", CastVote(paper.id, Vote.DOWN)),
        ("save", "Save", "Save", Save(paper.id)),
        ("summarize", "Summarize", "Summarize", Summarize(paper.id)),
        ("discuss", "Discuss", "Discuss", Discuss(paper.id)),
    ]
    if shows_all:
        deeds.append(("related", "Related", "Papers near to", Related(paper.id)))
    buttons = [
        button(verb, label, action, f"{spoken} {about}")
        for verb, label, spoken, action in deeds
        if without is None or not isinstance(action, without)
    ]
    if not shows_all:
        buttons.append(more(("Related papers", Related(paper.id)), ("Show whole abstract", Show(paper.id))))
    return [*context(activities_text(status)), *actions(*buttons)]
