"""The clock that test servers go by."""

import time
from dataclasses import dataclass, field


@dataclass
class ManualClock:
    """Stands still until a test moves it."""

    now: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self.now += seconds
