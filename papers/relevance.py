"""The probability that a paper is about a topic, from similarity in meaning and from shared words.

The weights are those of a logistic regression on pairs of a topic and an arXiv paper that were judged by
hand. `benchmarks/matching.py` fits and measures them; docs/search.md has the figures.
"""

from collections.abc import Sequence

import numpy as np

from bot.ports.search import WordEvidence

THRESHOLD = 0.5
"""A paper below this is not posted: it is more likely unwanted than wanted."""

CONSTANT = -9.22
COSINE = 14.6
COMPLETE = 2.49
TITLED = 2.21
TOGETHER = 1.21
NAMED = 0.7
"""Least probability of a paper that names a topic of several words in its title, or more than once.

The model does not know every term: “mode collapse” is near to no paper about it. Of judged papers that name a
topic so, 94 % are wanted.
"""


def relevance(near: Sequence[tuple[float, WordEvidence]]) -> list[float]:
    """Return one probability for each pair of a cosine and the topic's words in the paper."""
    if not near:
        return []
    rows = [(cosine, *word_features(words)) for cosine, words in near]
    weighed = CONSTANT + np.array(rows) @ (COSINE, COMPLETE, TITLED, TOGETHER)
    probabilities = 1 / (1 + np.exp(-weighed))
    least = [NAMED if is_named(words) else 0.0 for _, words in near]
    found: list[float] = np.maximum(probabilities, least).tolist()
    return found


def word_features(words: WordEvidence) -> tuple[float, float, float]:
    """Return what the regression sees of a topic's words in a paper."""
    return words.complete, words.title_share, float(words.phrases > 0)


def is_named(words: WordEvidence) -> bool:
    """Whether a paper names a topic of several words in its title, or more than once."""
    return words.several and (words.titled_phrases > 0 or words.phrases > 1)
