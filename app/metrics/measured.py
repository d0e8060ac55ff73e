"""A rate limiter and an embedder that report how long their callers waited."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from bot.domain.document import Span
from bot.domain.errors import TooBusy
from bot.ports.clock import Clock
from bot.ports.coordination import Pace, RateLimiter
from bot.ports.metrics import Encoded, Metrics
from bot.ports.search import Embedder, EncodedQuery


class MeasuredLimiter:
    """Reports each wait for a turn."""

    def __init__(self, limiter: RateLimiter, metrics: Metrics, clock: Clock) -> None:
        self._limiter = limiter
        self._metrics = metrics
        self._clock = clock

    @asynccontextmanager
    async def turn(self, name: str, pace: Pace, patience: float) -> AsyncIterator[None]:
        """Wait for a turn, and keep it for as long as the context lasts.

        Raises:
            TooBusy: the turn would not come within `patience` seconds.

        """
        started = self._clock.elapsed()
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(self._limiter.turn(name, pace, patience))
            except TooBusy:
                self._metrics.waited(name, self._clock.elapsed() - started, given_up=True)
                raise
            self._metrics.waited(name, self._clock.elapsed() - started, given_up=False)
            yield

    async def hold(self, name: str, seconds: float) -> None:
        """Give no turn for so many seconds."""
        await self._limiter.hold(name, seconds)


class MeasuredEmbedder:
    """Reports each call, with the wait for other calls and for the model to be loaded."""

    def __init__(self, embedder: Embedder, metrics: Metrics, clock: Clock) -> None:
        self._embedder = embedder
        self._metrics = metrics
        self._clock = clock

    @property
    def name(self) -> str:
        """The key under which vectors are stored."""
        return self._embedder.name

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return self._embedder.dimensions

    @property
    def word_dimensions(self) -> int:
        """The length of a word's vector."""
        return self._embedder.word_dimensions

    async def queries(self, texts: Sequence[str]) -> list[EncodedQuery]:
        """Encode search queries."""
        started = self._clock.elapsed()
        encoded = await self._embedder.queries(texts)
        self._metrics.encoded(Encoded.QUERIES, len(texts), self._clock.elapsed() - started)
        return encoded

    async def papers(self, texts: Sequence[tuple[str, str]]) -> list[bytes]:
        """Encode pairs of title and abstract."""
        started = self._clock.elapsed()
        encoded = await self._embedder.papers(texts)
        self._metrics.encoded(Encoded.PAPERS, len(texts), self._clock.elapsed() - started)
        return encoded

    async def word_spans(self, texts: Sequence[tuple[str, str]]) -> list[list[Span]]:
        """Return where the words of papers stand. Nothing is encoded."""
        return await self._embedder.word_spans(texts)
