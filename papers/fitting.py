"""Whether a paper is about a topic: a probability from its meaning and its words.

The weights are a logistic regression on pairs of a topic and an arXiv paper that were judged by hand, and
the threshold stands where a paper is as probably wanted as not. `benchmarks/matching.py` fits and measures
both; docs/search.md tells the figures.
"""

import math

from bot.ports.search import WordEvidence

THRESHOLD = 0.5

CONSTANT = -7.25
COSINE = 9.4
SHARE = 4.54
TITLED = 1.3
TOGETHER = 1.37


def fit(cosine: float, words: WordEvidence) -> float:
    """How probable it is that a paper as near as this, and with these words, is about the topic."""
    weighed = COSINE * cosine + SHARE * words.share + TITLED * words.titled + TOGETHER * words.together
    return 1 / (1 + math.exp(-CONSTANT - weighed))
