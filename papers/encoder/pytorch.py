"""The encoder in PyTorch, as sentence-transformers loads it."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from papers.encoder.differences import differences
from papers.encoder.loading import loading
from papers.encoder.weights import weights_file
from papers.vectors import Floats

if TYPE_CHECKING:
    from tokenizers import Encoding


class TorchEncoder:
    """The loaded model, for one thread at a time. Loading takes seconds and 500 MiB.

    `bare` leaves our own differences out.
    """

    tokens_a_pass = 4096
    """Tokens in one forward pass. More would fall out of the processor's caches."""

    def __init__(self, *, bare: bool = False) -> None:
        # By default OpenMP's threads spin at barriers, which takes the cores from other threads.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        with loading():
            # These imports take seconds, so they happen here, in the loading thread.
            import torch  # noqa: PLC0415 - as above
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - as above
            from transformers.utils.logging import disable_progress_bar  # noqa: PLC0415 - as above

            disable_progress_bar()  # type: ignore[no-untyped-call]  # the library has left it without types
            self.model = SentenceTransformer(str(weights_file().parent), device="cpu")
        if not bare:
            with torch.no_grad():
                for name, each in differences():
                    self.model[0].get_parameter(f"model.{name}").add_(torch.from_numpy(each))

    def token_vectors(self, texts: "Sequence[Encoding]") -> list[Floats]:
        """Encode tokenized texts in one pass. Returns one row a token for each text."""
        import torch  # noqa: PLC0415 - it is loaded by now

        width = max(len(each) for each in texts)
        ids = np.zeros((len(texts), width), np.int64)
        mask = np.zeros((len(texts), width), np.int64)
        for row, each in enumerate(texts):
            ids[row, : len(each)] = each.ids
            mask[row, : len(each)] = 1
        with torch.inference_mode():
            output = self.model(
                {
                    "input_ids": torch.from_numpy(ids),
                    "attention_mask": torch.from_numpy(mask),
                    "token_type_ids": torch.zeros(ids.shape, dtype=torch.int64),
                }
            )
        vectors = output["token_embeddings"].numpy()
        return [vectors[row, : len(each)] for row, each in enumerate(texts)]
