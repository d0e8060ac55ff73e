"""One paper, many names: identifiers and where they are found in text and links."""

from dataclasses import dataclass
from enum import StrEnum


class Scheme(StrEnum):
    """Who gives the identifier out."""

    ARXIV = "arxiv"
    DOI = "doi"
    OPENREVIEW = "openreview"


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """A name that belongs to one paper alone, in its normal form (arXiv without its version)."""

    scheme: Scheme
    value: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"
