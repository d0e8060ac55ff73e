"""MiniLM with low-rank differences to its weights and a head for its tokens' vectors."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.functional import normalize
from torch.nn.utils import parametrize
from transformers import AutoModel

from bot.domain.stop_words import STOP_WORDS

WINDOW = 256
"""Most tokens of a text that the program encodes."""
DIMENSIONS = 384
Ids: TypeAlias = NDArray[np.int64]


class Tokens:
    """Texts as tokens, end to end in one array."""

    def __init__(self, tokenizer: Tokenizer, texts: Sequence[str]) -> None:
        self._last = tokenizer.token_to_id("[SEP]")
        found: list[NDArray[np.int32]] = []
        for start in range(0, len(texts), 10_000):
            encoded = tokenizer.encode_batch(list(texts[start : start + 10_000]))
            found += [np.array(each.ids, np.int32) for each in encoded]
        self.lengths = np.array([len(each) for each in found], np.int64)
        self._starts = np.concatenate([[0], np.cumsum(self.lengths)])
        self._flat = np.concatenate([*found, np.zeros(0, np.int32)])

    def __len__(self) -> int:
        return len(self.lengths)

    def batch(self, places: NDArray[Any], limit: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """Return ids and mask of some texts, cut at the limit and padded to the longest of them."""
        lengths = np.minimum(self.lengths[places], limit)
        columns = np.arange(int(lengths.max()))
        mask = columns < lengths[:, None]
        # Beyond a text's end the index runs into the next text, or over the end; the mask hides both.
        where = np.minimum(self._starts[places][:, None] + columns, len(self._flat) - 1)
        ids = np.where(mask, self._flat[where], 0)
        ids[np.arange(len(places)), lengths - 1] = self._last
        return torch.from_numpy(ids.astype(np.int64)).to(device), torch.from_numpy(mask).to(device)


def tokenizer_of(base: Path) -> Tokenizer:
    """Return the base model's tokenizer, which cuts texts at the program's window."""
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(WINDOW)
    return tokenizer


class LowRank(nn.Module):
    """A difference `scale · b · a` that is added to a frozen weight. It starts as none."""

    def __init__(self, weight: Tensor, rank: int, scale: float) -> None:
        super().__init__()
        rows, columns = weight.shape
        self.a = nn.Parameter(torch.empty(rank, columns).uniform_(-(columns**-0.5), columns**-0.5))
        self.b = nn.Parameter(torch.zeros(rows, rank))
        self.scale = scale
        self.strength = 1.0

    def forward(self, weight: Tensor) -> Tensor:
        """Return the weight with the difference, at its present strength."""
        with torch.autocast(weight.device.type, enabled=False):
            return weight + self.scale * self.strength * (self.b @ self.a)


class TokenHead(nn.Module):
    """Projects tokens to short vectors, one a word; words that say nothing are zero.

    Stop words, punctuation and the model's own marks are dropped, and the pieces of a word become one
    vector, so that fewer vectors have to be kept for a paper.
    """

    kept: Tensor
    begins: Tensor

    def __init__(self, dimensions: int, tokenizer: Tokenizer) -> None:
        super().__init__()
        self.project = nn.Linear(DIMENSIONS, dimensions, bias=False)
        words = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
        kept = [
            word not in STOP_WORDS and any(map(str.isalnum, word)) and word[0] != "[" for word, _ in words
        ]
        self.register_buffer("kept", torch.tensor(kept))
        begins = [not word.startswith("##") for word, _ in words]
        self.register_buffer("begins", torch.tensor(begins))

    def forward(self, hidden: Tensor, ids: Tensor, mask: Tensor) -> Tensor:
        """Return normalised vectors (texts, tokens, dimensions): a text's words first, then zeros."""
        projected: Tensor = self.project(hidden) * mask[..., None]
        begins = self.begins[ids] & mask
        word = (begins.cumsum(1) - 1).clamp(min=0)
        pooled = torch.zeros_like(projected).scatter_add(1, word[..., None].expand_as(projected), projected)
        kept = torch.zeros_like(word).scatter_add(1, word, (begins & self.kept[ids]).long())
        return normalize(pooled.float(), dim=-1) * (kept > 0)[..., None]


class Encoder(nn.Module):
    """The base model, the differences to it, and the token head."""

    def __init__(self, base: Path, tokenizer: Tokenizer, rank: int, scale: float, head: int) -> None:
        super().__init__()
        self.tokenizer = tokenizer
        self.model: Any = AutoModel.from_pretrained(base, dtype=torch.float32).eval()
        self.model.requires_grad_(requires_grad=False)
        self.head = TokenHead(head, tokenizer)
        self.differences: dict[str, LowRank] = {}
        for name, module in list(self.model.encoder.named_modules()):
            if isinstance(module, nn.Linear):
                difference = LowRank(module.weight, rank, scale)
                parametrize.register_parametrization(module, "weight", difference)
                self.differences[f"encoder.{name}"] = difference

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.head.project.weight.device

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return the texts' normalised vectors and their tokens' hidden states."""
        hidden: Tensor = self.model(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        weights = mask[..., None].float()
        means = (hidden.float() * weights).sum(1) / weights.sum(1)
        return normalize(means, dim=-1), hidden

    @contextmanager
    def at(self, strength: float) -> Iterator[None]:
        """Scale the differences as long as the context lasts; zero is the base model."""
        before = {each: each.strength for each in self.differences.values()}
        for each in before:
            each.strength = strength
        try:
            yield
        finally:
            for each, earlier in before.items():
                each.strength = earlier

    def precision(self) -> Any:
        """Return a context in which a graphics card multiplies in bfloat16."""
        return torch.autocast("cuda", torch.bfloat16) if self.device.type == "cuda" else nullcontext()


@torch.inference_mode()
def encoded(encoder: Encoder, texts: Tokens, limit: int = WINDOW, size: int = 512) -> Tensor:
    """Return the vector of each text."""
    vectors = torch.zeros(len(texts), DIMENSIONS, device=encoder.device)
    for places in _batches(texts, size):
        with encoder.precision(), parametrize.cached():
            vectors[torch.from_numpy(places)] = encoder(*texts.batch(places, limit, encoder.device))[0]
    return vectors


@torch.inference_mode()
def encoded_words(encoder: Encoder, texts: Tokens, size: int = 256) -> tuple[Tensor, Tensor]:
    """Return the vector of each text, and the vectors of its words padded with zeros, in full precision."""
    vectors = torch.zeros(len(texts), DIMENSIONS, device=encoder.device)
    width = int(texts.lengths.max())
    head = encoder.head.project.out_features
    words = torch.zeros(len(texts), width, head, device=encoder.device, dtype=torch.float16)
    for places in _batches(texts, size):
        where = torch.from_numpy(places).to(encoder.device)
        ids, mask = texts.batch(places, WINDOW, encoder.device)
        with parametrize.cached():
            vectors[where], hidden = encoder(ids, mask)
            words[where, : ids.shape[1]] = encoder.head(hidden, ids, mask).half()
    return vectors, words


def _batches(texts: Tokens, size: int) -> Iterator[NDArray[np.int64]]:
    """Yield places in batches of texts of about the same length, so that little is padded."""
    order = np.argsort(-texts.lengths, kind="stable")
    for start in range(0, len(order), size):
        yield order[start : start + size]
