"""Whether a paper is about a topic: a probability from its meaning and its words."""

import math
from dataclasses import dataclass

THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a paper: nearness in meaning, the share of the topic's words, and their order."""

    cosine: float
    held: float = 0.0
    """The share of the topic's words in the paper, by their rarity."""
    together: bool = False
    """Whether the paper has the topic's words side by side."""


def fit(evidence: Evidence) -> float:
    """How probable it is that somebody who asked for the topic wants the paper."""
    weighed = -8.0 + 14.0 * evidence.cosine + 2.0 * evidence.held + 1.5 * evidence.together
    return 1 / (1 + math.exp(-weighed))
