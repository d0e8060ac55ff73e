"""Translates buttons and other events into the commands that do the same."""

from bot.domain.cleaning import clean_text
from bot.protocol.actions import (
    Action,
    CastVote,
    Discuss,
    EndSubscription,
    OpenForm,
    PauseSubscription,
    Related,
    Save,
    Share,
    Show,
    StepTo,
    Summarize,
    TurnPage,
)
from bot.protocol.events import ActionPressed, CommandInvoked, Event, FormSubmitted, MessageChosen


def as_command(
    action: Save | Summarize | Discuss | Related | Show | StepTo | PauseSubscription | EndSubscription,
) -> tuple[str, dict[str, str]]:
    """Return the name and the options of the button's command."""
    match action:
        case Save(paper_id) | Summarize(paper_id) | Discuss(paper_id) | Related(paper_id) | Show(paper_id):
            return type(action).__name__.lower(), {"paper": f"#{paper_id}"}
        case StepTo(period):
            return "trending", {"period": period.name}
        case PauseSubscription(subscription_id, paused):
            return "subscriptions", {"pause" if paused else "resume": str(subscription_id)}
        case EndSubscription(subscription_id):
            return "unsubscribe", {"topic": f"#{subscription_id}"}


def command_of(event: Event) -> str | None:
    """Return the name of the command that an event runs, as people typed it; None if it runs none."""
    match event:
        case CommandInvoked(name=name):
            return clean_text(name) or "help"
        case FormSubmitted(command=name):
            return name
        case MessageChosen():
            return "save"
        case ActionPressed(action=action):
            return _command_behind(action)
        case _:
            return None


def _command_behind(action: Action) -> str | None:
    match action:
        case CastVote():
            return "vote"
        case OpenForm() | TurnPage() | Share():
            return None
        case _:
            return as_command(action)[0]
