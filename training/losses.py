"""What training makes small."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

TEMPERATURE = 0.05
LATE = 30.0
"""What the mean of the greatest cosines is multiplied by before the softmax."""


def contrastive(scores: Tensor, same: Tensor) -> Tensor:
    """Return the cross entropy of each query's own text, which stands in the column of its row.

    `same` marks the columns with the query's own paper: they are not counted as wrong.
    """
    rows = torch.arange(len(scores), device=scores.device)
    wrong = same.clone()
    wrong[rows, rows] = False
    return cross_entropy(scores.masked_fill(wrong, -torch.inf), rows)


def single(queries: Tensor, texts: Tensor) -> Tensor:
    """Return the scores of all queries with all texts by one vector each."""
    return queries @ texts.T / TEMPERATURE


def late(queries: Tensor, texts: Tensor) -> Tensor:
    """Return the scores by words: for each word of a query its greatest cosine in the text, then the mean.

    Dropped words and padding are zero. They add nothing to a query, and in a text they stand for a cosine
    of zero, which the greatest one nearly always exceeds.
    """
    count, length, size = queries.shape
    cosines = queries.reshape(-1, size) @ texts.reshape(-1, size).T
    greatest = cosines.view(count, length, len(texts), -1).amax(-1).float()
    words = queries.detach().abs().sum(-1).gt(0).sum(1).clamp(min=1)
    return LATE * greatest.sum(1) / words[:, None]


def moved(now: Tensor, before: Tensor) -> Tensor:
    """Return the mean square by which the cosines among papers have moved from the base model's."""
    return (now @ now.T - before @ before.T).square().mean()


def reordered(now: Tensor, before: Tensor) -> Tensor:
    """Return how far each paper's neighbours are reordered.

    This is the divergence of the softmax over its cosines with the other papers from the base model's.
    """
    itself = torch.eye(len(now), dtype=torch.bool, device=now.device)
    own = (now @ now.T / TEMPERATURE).masked_fill(itself, -1e4).log_softmax(-1)
    theirs = (before @ before.T / TEMPERATURE).masked_fill(itself, -1e4).log_softmax(-1)
    return (theirs.exp() * (theirs - own)).sum(-1).mean()
