"""What may be done only so often, but is in no header: Discord tells it once it is too often.

Discord says in its pages that these limits exist, and publishes no figures: "We dont put rate limit details
in our documentation" (https://github.com/discord/discord-api-docs/issues/4413). Those here are what bots
report, or else ours; a test may set others.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from tests.servers.discord.errors import DiscordError
from tests.servers.discord.limits import limit


@dataclass
class Quota:
    """So many of something in so many seconds, by what it concerns."""

    code: int
    most: int
    seconds: float
    tells_when: bool = True
    """Whether the refusal says after how many seconds to come back."""
    past: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))

    def take(self, name: int, now: float) -> None:
        """Count one, or refuse it."""
        recent = self.past[name] = [then for then in self.past[name] if now - then < self.seconds]
        if len(recent) >= self.most:
            wait = self.seconds - (now - min(recent, default=now)) if self.tells_when else 0.0
            raise DiscordError(self.code, retry_after=wait)
        recent.append(now)


def old_edits() -> Quota:
    """Edits to messages over an hour old, in one channel.

    The code is in https://docs.discord.com/developers/topics/opcodes-and-status-codes#json, the figure in
    https://github.com/circuitsacul/starboard-4/issues/118.
    """
    return Quota(30046, 3, 20.0)


def opened_talks() -> Quota:
    """Direct messages that are opened with people who had none with the bot.

    https://docs.discord.com/developers/resources/user#create-dm warns of it, and
    https://github.com/davidhozic/discord-advertisement-framework/issues/82 met it; the figure is ours.
    """
    return Quota(40003, 50, 60.0, tells_when=False)


def is_old(sent_at: float, now: float) -> bool:
    """Whether a message is over an hour old."""
    return now - sent_at > limit("edits.old.after")
