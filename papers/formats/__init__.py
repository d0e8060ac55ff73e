"""Files of papers. `read` detects the format and reads any of them."""

from papers.formats.files import describe, read
from papers.formats.records import BadLine

__all__ = ["BadLine", "describe", "read"]
