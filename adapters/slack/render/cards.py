"""Messages about one paper, and short notices."""

import textwrap

from adapters.slack.limits import (
    ABSTRACT_PART,
    ABSTRACT_PARTS,
    FACTS_SHOWN,
    LINE,
    SECTION_TEXT,
)
from adapters.slack.render.blocks import (
    Block,
    Message,
    actions,
    as_many_as_fit,
    button,
    context,
    message,
    note,
    overflow_menu,
    plain_section,
    section,
)
from adapters.slack.render.text import fitted, inert, known_facts, linked, permalink, prose, title
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
    discussion_text,
    paper_details,
    place_text,
    quoted,
    read_at,
    shortened,
    status_text,
    summary_heading,
    votes_text,
)

JOIN_IN = "Write in this message's thread to join in."
_TITLE_IN_BUTTON = 40
"""Characters of a title in a button's accessibility label."""


def card(reply: PaperCard) -> Message:
    """One paper."""
    paper = reply.paper
    abstract = abstract_text(paper, whole=True)
    shown = abstract_text(paper, whole=reply.whole)
    parts = textwrap.wrap(shown, ABSTRACT_PART)[:ABSTRACT_PARTS]
    curators = fitted(curators_text(paper, reply.status), FACTS_SHOWN)

    def build(count: int) -> list[Block]:
        return [
            *note(reply.note),
            *_head(paper, curators, "" if abstract else NO_ABSTRACT),
            *(plain_section(part) for part in parts[:count]),
            *context(*(fitted(line, FACTS_SHOWN) for line in paper_details(paper) if reply.whole)),
            *_foot(paper, reply.status, shows_all=shown == abstract),
        ]

    return message(as_many_as_fit(build, len(parts)), votes_text(reply.status.tally))


def summary(reply: Summary) -> Message:
    """A paper's summary, in sentences of its own text."""
    paper, quotes = reply.paper, reply.quotes

    def build(count: int) -> list[Block]:
        return [
            *_head(paper, summary_heading(quotes)),
            *note(reply.note),
            *(section(_quote(quote)) for quote in quotes[:count]),
            *_foot(paper, reply.status, without=Summarize),
        ]

    return message(as_many_as_fit(build, len(quotes)), votes_text(reply.status.tally))


def answer(reply: Answer) -> Message:
    """A paper's answer to a question, in sentences of its own text."""
    paper, quotes = reply.paper, reply.quotes

    def build(count: int) -> list[Block]:
        return [
            *_head(paper, fitted(answer_heading(reply.question), LINE)),
            *note(reply.note),
            *(section(_quote(quote)) for quote in quotes[:count]),
            *context(fitted(read_at(reply.link), LINE)),
            *_foot(paper, reply.status),
        ]

    return message(as_many_as_fit(build, len(quotes)), votes_text(reply.status.tally))


def discussion(reply: Discussion) -> Message:
    """A paper that somebody wants to discuss."""
    blocks = [
        plain_section(reply.note),
        *_head(reply.paper),
        *_foot(reply.paper, reply.status, without=Discuss),
        *context(JOIN_IN),
    ]
    return message(blocks, votes_text(reply.status.tally))


def link_card(reply: LinkCard, workspace_url: str) -> Message:
    """A paper that somebody linked to, and where it was discussed before."""
    talk = discussion_text(reply.discussion, reply.timezone)
    address = permalink(workspace_url, reply.discussion.message) if reply.discussion else None
    return message(
        [*_head(reply.paper, linked(inert(talk), address)), *_foot(reply.paper, reply.status)],
        votes_text(reply.status.tally),
    )


def tally(reply: Tally) -> Message:
    """A paper's votes, for the person who has just cast one."""
    return message(
        [section(title(reply.paper)), *context(f"#{reply.paper.id} · {status_text(reply.status)}")]
    )


def notice(reply: Notice) -> Message:
    """A sentence or two, with a hint below."""
    tone = f"*{TONES[reply.tone]}* " if TONES[reply.tone] else ""
    text = fitted(reply.text, SECTION_TEXT - len(tone), prose)
    return message([section(tone + text), *context(fitted(reply.hint, LINE, prose))])


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
    """The paper's activity, and its buttons."""
    short_title = f"#{paper.id} {shortened(cleaned(paper.title), _TITLE_IN_BUTTON)}"
    tally = status.tally
    choices: list[tuple[str, str, str, Action]] = [
        ("up", f"👍 {tally.up}", "Up-vote", CastVote(paper.id, Vote.UP)),
        ("down", f"👎 {tally.down}", "Down-vote", CastVote(paper.id, Vote.DOWN)),
        ("save", "Save", "Save", Save(paper.id)),
        ("summarize", "Summarize", "Summarize", Summarize(paper.id)),
        ("discuss", "Discuss", "Discuss", Discuss(paper.id)),
    ]
    if shows_all:
        choices.append(("related", "Related", "Papers near to", Related(paper.id)))
    buttons = [
        button(verb, label, action, f"{accessible} {short_title}")
        for verb, label, accessible, action in choices
        if without is None or not isinstance(action, without)
    ]
    if not shows_all:
        buttons.append(
            overflow_menu(("Related papers", Related(paper.id)), ("Show whole abstract", Show(paper.id)))
        )
    return [*context(activities_text(status)), *actions(*buttons)]
