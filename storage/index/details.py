"""Packed vectors of papers' sentences and words, on disk: a search reads those of its best papers alone."""

import os
import tempfile
import weakref
from pathlib import Path


class DetailsFile:
    """Bytes that are only ever added, in a file without a name that ends with the process.

    The database has them all, so a start fills the file anew. The system keeps in memory what is read often.
    """

    def __init__(self, folder: Path | None) -> None:
        self._file, name = tempfile.mkstemp(dir=folder, prefix="paperclub-vectors-")
        Path(name).unlink()
        self._size = 0
        weakref.finalize(self, os.close, self._file)

    def add(self, details: bytes) -> int:
        """Add bytes. Returns where they start."""
        start = self._size
        view = memoryview(details)
        while view:
            written = os.pwrite(self._file, view, self._size)
            self._size += written
            view = view[written:]
        return start

    def read(self, start: int, length: int) -> bytes:
        """Return the bytes that were added there."""
        return os.pread(self._file, length, start)
