"""Which vectors are searched while another release's weights encode all papers anew."""

from dataclasses import dataclass, field

from bot.ports.search import Embedder, VectorIndex


@dataclass(frozen=True, slots=True)
class Generation:
    """An encoder, and the index of what it encoded. No other encoder's vectors can be compared with these."""

    embedder: Embedder
    vectors: VectorIndex


@dataclass(slots=True)
class Generations:
    """The newest generation, and the one before, which serves until all papers are in the newest."""

    newest: Generation
    earlier: Generation | None = None
    serving: Generation = field(init=False)
    """What searches use. A search takes it once, as it may change at any time."""

    def __post_init__(self) -> None:
        self.serving = self.newest
