"""The probability that a paper is about a topic, from similarity in meaning and from shared words.

The weights are those of a logistic regression on pairs of a topic and an arXiv paper that were judged by
hand. `benchmarks/matching.py` fits and measures them; docs/search.md has the figures.
"""

from collections.abc import Sequence

import numpy as np

from bot.ports.search import WordEvidence

THRESHOLD = 0.5
"""A paper below this is not posted: it is more likely unwanted than wanted."""

CONSTANT = -7.25
COSINE = 9.4
SHARE = 4.54
TITLED = 1.3
TOGETHER = 1.37


def relevance(near: Sequence[tuple[float, WordEvidence]]) -> list[float]:
    """Return one probability for each pair of a cosine and the topic's words in the paper."""
    if not near:
        return []
    rows = [(cosine, *words) for cosine, words in near]
    weighed = CONSTANT + np.array(rows) @ (COSINE, SHARE, TITLED, TOGETHER)
    probabilities: list[float] = (1 / (1 + np.exp(-weighed))).tolist()
    return probabilities
