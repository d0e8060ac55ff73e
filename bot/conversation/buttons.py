"""Translates buttons into the commands that do the same."""

from bot.protocol.actions import (
    Discuss,
    EndSubscription,
    PauseSubscription,
    Related,
    Save,
    Show,
    StepTo,
    Summarize,
)


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
