"""How often a platform is called, by turns that all processes share where they can."""

from bot.errors import NotSent, TooBusy
from bot.ports import Pace, RateLimiter


class Pacer:
    """Keeps one platform's limits, and lets every process know what it asks for."""

    def __init__(self, platform: str, limiter: RateLimiter) -> None:
        """Take the platform's name; its turns are those of `limiter`, which may be put in later."""
        self._platform = platform
        self.limiter = limiter

    async def wait(self, name: str, interval: float, patience: float) -> None:
        """Wait for one's turn at what has this name; the next comes `interval` seconds later.

        Raises:
            NotSent: it would not come within `patience` seconds; `retry_after` says when.

        """
        try:
            async with self.limiter.turn(f"{self._platform}:{name}", Pace(interval), patience):
                return
        except TooBusy as busy:
            raise NotSent(f"{self._platform} asks to wait.", retry_after=busy.seconds) from busy

    async def hold(self, name: str, seconds: float) -> None:
        """Let nobody's turn come before so many seconds have passed."""
        await self.limiter.hold(f"{self._platform}:{name}", seconds)
