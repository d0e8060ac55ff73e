"""Whether a paper is about a topic: a probability from its meaning and its words.

The weights are a logistic regression on pairs of a topic and an arXiv paper that were judged by hand, and
the threshold stands where a paper is as probably wanted as not. `benchmarks/matching.py` fits and measures
both; docs/search.md tells the figures.
"""

from collections.abc import Sequence

import numpy as np

from bot.ports.search import WordEvidence

THRESHOLD = 0.5

CONSTANT = -7.25
COSINE = 9.4
SHARE = 4.54
TITLED = 1.3
TOGETHER = 1.37


def relevance(near: Sequence[tuple[float, WordEvidence]]) -> list[float]:
    """How probable it is that papers as near as this, and with these words, are about the topic."""
    if not near:
        return []
    rows = [(cosine, *words) for cosine, words in near]
    weighed = CONSTANT + np.array(rows) @ (COSINE, SHARE, TITLED, TOGETHER)
    probabilities: list[float] = (1 / (1 + np.exp(-weighed))).tolist()
    return probabilities
