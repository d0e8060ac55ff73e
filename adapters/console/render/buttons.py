"""Buttons: what can be pressed under a message, by names that are quickly typed."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.paper import Paper
from bot.domain.vote import Vote
from bot.protocol.actions import (
    Action,
    CastVote,
    Discuss,
    EndSubscription,
    PauseSubscription,
    Related,
    Save,
    Share,
    Show,
    Summarize,
    TurnPage,
)
from bot.protocol.replies import Pages, SubscriptionRow


@dataclass(frozen=True, slots=True)
class Button:
    """One button; where several rows have it, `row` is the number of the one it belongs to."""

    verb: str
    action: Action
    row: int | None = None

    @property
    def name(self) -> str:
        """What is typed to press it."""
        return self.verb if self.row is None else f"{self.verb} {self.row}"


def paper_buttons(paper: Paper, *without: type[Action]) -> tuple[Button, ...]:
    """What can be done with the one paper of a message."""
    return tuple(Button(verb, action) for verb, action in _deeds(paper) if not isinstance(action, without))


def row_buttons(papers: Iterable[Paper]) -> tuple[Button, ...]:
    """What can be done with each paper of a list."""
    return tuple(
        Button(verb, action, paper.id)
        for paper in papers
        for verb, action in _deeds(paper)
        if not isinstance(action, Discuss)
    )


def page_buttons(pages: Pages, *, shareable: bool = False) -> tuple[Button, ...]:
    """The neighbouring pages, and the whole channel."""
    turns = {"next": pages.page + 1, "previous": pages.page - 1}
    buttons = [
        Button(name, TurnPage(pages.list_id, page))
        for name, page in turns.items()
        if 1 <= page <= pages.pages
    ]
    if shareable:
        buttons.append(Button("share", Share(pages.list_id, pages.page)))
    return tuple(buttons)


def subscription_buttons(rows: Iterable[SubscriptionRow]) -> tuple[Button, ...]:
    """Pause and end, for each subscription."""
    buttons: list[Button] = []
    for row in rows:
        number, paused = row.subscription.id, row.subscription.paused
        verb = "resume" if paused else "pause"
        buttons.append(Button(verb, PauseSubscription(number, paused=not paused), number))
        buttons.append(Button("end", EndSubscription(number), number))
    return tuple(buttons)


def _deeds(paper: Paper) -> tuple[tuple[str, Action], ...]:
    return (
        ("up", CastVote(paper.id, Vote.UP)),
        ("down", CastVote(paper.id, Vote.DOWN)),
        ("save", Save(paper.id)),
        ("summary", Summarize(paper.id)),
        ("show", Show(paper.id)),
        ("related", Related(paper.id)),
        ("discuss", Discuss(paper.id)),
    )
