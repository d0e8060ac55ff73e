"""The training itself: mined negatives, batches of all kinds of pairs, and the steps."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.utils import clip_grad_norm_, parametrize

from training import losses
from training.encoder import Encoder, Tokens, encoded
from training.pairs import MIX, Pairs

QUERY_TOKENS = 64
PAPER_TOKENS = 192
NEAREST, FARTHEST = 5, 40
"""Negatives are the papers at ranks 6 to 40. Nearer ones are too often right as well."""
WARM_UP = 0.1
CLIP = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train."""

    seed: int = 1
    rank: int = 32
    scale: float = 2.0
    head: int = 64
    steps: int = 600
    batch: int = 512
    rate: float = 1e-3
    head_rate: float = 3e-4
    keep_cosines: float = 20.0
    """Weight of the penalty on moving the cosines among papers."""
    keep_order: float = 1.0
    """Weight of the penalty on reordering a paper's neighbours."""
    related: float = 0.125
    """Pairs of related papers in a step, as a share of the batch, and the weight of their loss."""


class Material:
    """Everything as tokens, with the base model's vectors and each query's hard negatives."""

    def __init__(self, pairs: Pairs, tokenizer: Tokenizer) -> None:
        flat = [(kind, each) for kind in MIX for each in pairs.by_kind[kind]]
        own = [pair.text for _, pair in flat if pair.text is not None]
        self.whole = len(pairs.pool)
        """Texts before this place are whole papers."""
        self.texts = Tokens(tokenizer, [*(paper.text for paper in pairs.pool), *own])
        self.pool = Tokens(tokenizer, [paper.text for paper in pairs.pool])
        self.queries = Tokens(tokenizer, [pair.query for _, pair in flat])
        self.papers = np.array([pair.paper for _, pair in flat])
        parts = np.array([pair.text is not None for _, pair in flat])
        self.answers = np.where(parts, self.whole + np.cumsum(parts) - 1, self.papers)
        kinds = np.array([kind for kind, _ in flat])
        self.kinds = {kind: np.flatnonzero(kinds == kind) for kind in MIX}
        self.related = np.array(pairs.related).reshape(-1, 2)
        self.relatives = pairs.relatives
        self.negatives = np.zeros((0, 0), np.int64)
        self.before = torch.zeros(0)

    def mine(self, encoder: Encoder) -> None:
        """Find the hard negatives: papers that are near the query, but not among the nearest."""
        with encoder.at(0):
            self.before = encoded(encoder, self.pool, PAPER_TOKENS)
            queries = encoded(encoder, self.queries, QUERY_TOKENS)
        farthest = min(FARTHEST, self.whole)
        nearest = min(NEAREST, farthest - 1)
        # In parts, because all cosines at once would not fit into memory.
        found = [
            (queries[start : start + 2048] @ self.before.T).topk(farthest).indices[:, nearest:].cpu()
            for start in range(0, len(queries), 2048)
        ]
        self.negatives = torch.cat(found).numpy()


class _Draws:
    """Pairs of one kind in a random order, again and again."""

    def __init__(self, places: NDArray[np.int64], dice: np.random.Generator) -> None:
        self._places, self._dice = places, dice
        self._left: list[int] = []

    def take(self, count: int) -> list[int]:
        while len(self._left) < count:
            self._left = [*self._left, *self._dice.permutation(self._places).tolist()]
        taken, self._left = self._left[:count], self._left[count:]
        return taken


def _batches(material: Material, size: int, dice: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    draws = {kind: _Draws(places, dice) for kind, places in material.kinds.items() if len(places)}
    total = sum(MIX[kind] for kind in draws)
    counts = {kind: round(size * MIX[kind] / total) for kind in draws}
    counts[next(iter(counts))] += size - sum(counts.values())
    while True:
        yield np.array([place for kind, each in draws.items() for place in each.take(counts[kind])])


def fit(encoder: Encoder, material: Material, settings: Settings) -> None:
    """Train the differences and the head. The seed decides every draw."""
    dice = np.random.default_rng(settings.seed)
    batches = _batches(material, settings.batch, dice)
    optimizer = torch.optim.AdamW(
        [
            {"params": [*_differences(encoder)], "lr": settings.rate},
            {"params": [*encoder.head.parameters()], "lr": settings.head_rate},
        ]
    )
    warm = max(1, round(WARM_UP * settings.steps))
    cool = max(1, settings.steps - warm)
    plan = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, (settings.steps - step) / cool)
    )
    start = time.perf_counter()
    for step in range(settings.steps):
        parts = _losses(encoder, material, settings, next(batches), dice)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(torch.stack([weight * loss for weight, loss in parts.values()]).sum())
        clip_grad_norm_([*_differences(encoder), *encoder.head.parameters()], CLIP)
        optimizer.step()
        plan.step()
        if step % 25 == 0 or step == settings.steps - 1:
            told = " ".join(f"{name} {loss.item():.4f}" for name, (_, loss) in parts.items())
            log.info("step %d, %.0f s: %s", step, time.perf_counter() - start, told)


def _differences(encoder: Encoder) -> Iterator[torch.nn.Parameter]:
    for each in encoder.differences.values():
        yield from each.parameters()


def _losses(
    encoder: Encoder,
    material: Material,
    settings: Settings,
    places: NDArray[np.int64],
    dice: np.random.Generator,
) -> dict[str, tuple[float, Tensor]]:
    """Return each loss of one batch with its weight."""
    negatives = material.negatives[places, dice.integers(material.negatives.shape[1], size=len(places))]
    answers = np.concatenate([material.answers[places], negatives])
    papers = np.concatenate([material.papers[places], negatives])
    count = min(round(settings.related * settings.batch), len(material.related))
    related = material.related[dice.choice(len(material.related), count, replace=False)]
    with encoder.precision(), parametrize.cached():
        ids, mask = material.queries.batch(places, QUERY_TOKENS, encoder.device)
        queries, hidden = encoder(ids, mask)
        query_words = encoder.head(hidden, ids, mask)
        rows = np.concatenate([answers, related.T.ravel()])
        ids, mask = material.texts.batch(rows, PAPER_TOKENS, encoder.device)
        vectors, hidden = encoder(ids, mask)
        text_words = encoder.head(*(each[: len(answers)] for each in (hidden, ids, mask)))
        by_words = losses.late(_trimmed(query_words), _trimmed(text_words))
    texts = vectors[: len(answers)]
    same = torch.from_numpy(material.papers[places][:, None] == papers).to(encoder.device)
    whole = torch.from_numpy(np.flatnonzero(answers < material.whole)).to(encoder.device)
    before = material.before[torch.from_numpy(answers).to(encoder.device)[whole]]
    found = {
        "single": (1.0, losses.contrastive(losses.single(queries, texts), same)),
        "late": (1.0, losses.contrastive(by_words, same)),
        "moved": (settings.keep_cosines, losses.moved(texts[whole], before)),
        "reordered": (settings.keep_order, losses.reordered(texts[whole], before)),
    }
    if count:
        left, right = vectors[len(answers) :].chunk(2)
        found["related"] = (settings.related, _related(left, right, material, related))
    return found


def _related(left: Tensor, right: Tensor, material: Material, pairs: NDArray[np.int64]) -> Tensor:
    """Return the loss of related papers. Those that share any keyword do not count as wrong."""
    firsts, seconds = pairs.T.tolist()
    known = [[other == one or other in material.relatives[one] for other in seconds] for one in firsts]
    same = torch.tensor(known, device=left.device)
    scores = losses.single(left, right)
    return (losses.contrastive(scores, same) + losses.contrastive(scores.T, same.T)) / 2


def _trimmed(words: Tensor) -> Tensor:
    """Cut what is padding in every text, and halve the precision where the processor is fast at it."""
    width = int(words.detach().abs().sum(-1).gt(0).sum(1).max())
    used = words[:, : max(1, width)]
    return used.bfloat16() if used.is_cuda else used
