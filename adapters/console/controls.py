"""The console's own commands, called controls to tell them from the bot's."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Control:
    """A command of the console itself."""

    usage: str
    summary: str


CONTROLS = {
    "react": Control(
        ":+1: MESSAGE", "react with 👍 or 👎 (also `:-1:`, `👍`); `-:+1: MESSAGE` takes it away"
    ),
    "press": Control("/press MESSAGE BUTTON", "press a button that is drawn under a message"),
    "say": Control("/say TEXT", "write in the channel, to everybody"),
    "reply": Control("/reply MESSAGE TEXT", "write in the thread under a message"),
    "as": Control("/as NAME [admin]", "be somebody else, or a channel admin"),
    "in": Control("/in #CHANNEL", "go to a channel; `/in @` is your direct message with the bot"),
    "dm": Control("/dm", "go to your direct message with the bot"),
    "home": Control("/home", "see what is your own with the bot, on one page"),
    "import": Control("/import FILE", "take a file's papers into the database that this console talks to"),
    "post": Control("/post", "post this channel's digest of today now, ahead of its time"),
    "who": Control("/who", "say who you are, and where"),
    "help": Control("/help", "show this; `help` alone shows the bot's commands"),
    "quit": Control("/quit", "leave, as Ctrl-D does"),
}


def usage_of(name: str) -> str:
    """Return how a control is typed."""
    return CONTROLS[name].usage
