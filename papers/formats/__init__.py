"""Files of papers: one function reads them all, whatever they are called."""

from papers.formats.files import describe, read
from papers.formats.records import BadLine

__all__ = ["BadLine", "describe", "read"]
