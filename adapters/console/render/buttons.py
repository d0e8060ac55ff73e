"""Buttons, which people press by typing their names."""

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
    StepTo,
    Summarize,
    TurnPage,
)
from bot.protocol.replies import BoardDates, Pages, SubscriptionRow


@dataclass(frozen=True, slots=True)
class Button:
    """One button. `row` is the number of the list's row that it belongs to, None for the whole message."""

    verb: str
    action: Action
    row: int | None = None

    @property
    def name(self) -> str:
        """The name that people type."""
        return self.verb if self.row is None else f"{self.verb} {self.row}"


def paper_buttons(paper: Paper, *without: type[Action]) -> tuple[Button, ...]:
    """The buttons of a message about one paper; `without` leaves out some kinds of action."""
    return tuple(
        Button(verb, action) for verb, action in _paper_actions(paper) if not isinstance(action, without)
    )


def row_buttons(papers: Iterable[Paper]) -> tuple[Button, ...]:
    """The buttons of a list's papers."""
    return tuple(
        Button(verb, action, paper.id)
        for paper in papers
        for verb, action in _paper_actions(paper)
        if not isinstance(action, Discuss)
    )


def page_buttons(pages: Pages, *, shareable: bool = False) -> tuple[Button, ...]:
    """The buttons to turn a list's page, and to share it in the channel."""
    turns = {"next": pages.page + 1, "previous": pages.page - 1}
    buttons = [
        Button(name, TurnPage(pages.list_id, page))
        for name, page in turns.items()
        if 1 <= page <= pages.pages
    ]
    if shareable:
        buttons.append(Button("share", Share(pages.list_id, pages.page)))
    return tuple(buttons)


def step_buttons(dates: BoardDates) -> tuple[Button, ...]:
    """The buttons to step to the dates around a leaderboard's."""
    steps = {"earlier": dates.earlier, "later": dates.later}
    return tuple(Button(name, StepTo(period)) for name, period in steps.items() if period is not None)


def subscription_buttons(rows: Iterable[SubscriptionRow]) -> tuple[Button, ...]:
    """The buttons to pause or resume, and to end, each subscription."""
    buttons: list[Button] = []
    for row in rows:
        number, paused = row.subscription.id, row.subscription.paused
        verb = "resume" if paused else "pause"
        buttons.append(Button(verb, PauseSubscription(number, paused=not paused), number))
        buttons.append(Button("end", EndSubscription(number), number))
    return tuple(buttons)


def _paper_actions(paper: Paper) -> tuple[tuple[str, Action], ...]:
    return (
        ("up", CastVote(paper.id, Vote.UP)),
        ("down", CastVote(paper.id, Vote.DOWN)),
        ("save", Save(paper.id)),
        ("summary", Summarize(paper.id)),
        ("show", Show(paper.id)),
        ("related", Related(paper.id)),
        ("discuss", Discuss(paper.id)),
    )
