"""Vectors in files that all processes of a machine map into memory: each text's are there once."""

import contextlib
import errno
import fcntl
import hashlib
import logging
import mmap
import os
import shutil
import struct
import tempfile
import weakref
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from storage.index.compact_map import CompactMap, Values
from storage.index.graphs import FLOATS, Floats, computed
from storage.index.products import Steps, quantized_rows

PREFIX = "vectors-"
LAYOUT = 1
"""Raise it when the files change, so that releases that run at the same time do not share them."""
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
"""A file that names this boot of the machine. Systems other than Linux have none."""
ROWS_READ_AT_ONCE = 65_536
FEW_ROWS = 32
"""So many rows numpy turns into floats itself, before onnxruntime would be loaded."""
_RECORD = np.dtype([("text", "<i8"), ("start", "<i8"), ("length", "<i8"), ("scale", "<f4"), ("error", "<f4")])
"""What a row has beside its vector: its text's key, where its details are, scale and error of its steps."""
_DETAILS = struct.Struct("<8xqq")
"""Where a row's details are, in its record."""
_log = logging.getLogger(__name__)


class _Files(NamedTuple):
    """Open files. All but the size are only ever added to."""

    size: int
    """How many rows are whole: 8 bytes, written last. What a killed writer left beyond is written over."""
    records: int
    steps: int
    """Rows of 8 bits a number, which are mapped: a search reads them all."""
    halves: int
    """The same rows as float16, as the database has them. A search reads those of its best papers alone."""
    details: int


class SharedVectors:
    """Rows by text, in files that are only ever added to.

    The folder's name has the machine's boot in it: what is not on disk yet when a machine crashes is never
    read again. It also has a hash of the model's name and the length of a row. Without a folder, or where it
    cannot be used, the files have no name and end with the process.
    """

    def __init__(
        self, dimensions: int, folder: Path | None = None, model: str = "", boot: Path = BOOT_ID
    ) -> None:
        self.dimensions = dimensions
        self._files = _opened(folder, dimensions, model, boot)
        weakref.finalize(self, _close, self._files)
        self._row_of = CompactMap()
        self._steps: Steps = np.empty((0, dimensions), np.uint8)
        self._scales: Floats = np.empty(0, np.float32)
        self.rows = 0
        """How many rows this process knows of."""
        self.error = 0.0
        """The largest error of their steps: see `Quantized`."""
        self.refresh()

    @property
    def steps(self) -> Steps:
        """The rows in 8 bits a number. They never change."""
        return self._steps[: self.rows]

    @property
    def scales(self) -> Floats:
        """The rows' scales."""
        return self._scales[: self.rows]

    def find(self, texts: Collection[str]) -> Values:
        """Return the row of each text, or MISSING."""
        self.refresh()
        return self._row_of.find(map(_key, texts))

    def add(self, encoded: Mapping[str, tuple[bytes, bytes]]) -> None:
        """Add texts that have no row yet: each one's vector as float32, and its details.

        Raises:
            OSError: a file cannot be written. None of the texts is added then.

        """
        if not encoded:
            return
        with _locked(self._files.records):
            self.refresh()
            keys = {_key(text): text for text in encoded}
            new = [key for key, row in zip(keys, self._row_of.find(keys).tolist(), strict=True) if row < 0]
            if new:
                self._append(new, [encoded[keys[key]] for key in new])
        self.refresh()

    def refresh(self) -> None:
        """Take notice of rows that other processes have added."""
        rows = _count(self._files)
        if rows == self.rows:
            return
        if rows > len(self._steps):
            self._map()
        while self.rows < rows:
            self._learn(min(rows - self.rows, ROWS_READ_AT_ONCE))

    def vectors(self, rows: Values) -> Floats:
        """Return the exact vectors of rows. Only they are read, and they are not mapped into memory."""
        wanted, places = np.unique(rows, return_inverse=True)
        apart = np.diff(wanted, prepend=np.int32(-2)) != 1
        apart[::ROWS_READ_AT_ONCE] = True
        first, file, width = np.flatnonzero(apart), self._files.halves, 2 * self.dimensions
        ends = np.append(first[1:], len(wanted))
        runs = zip((wanted[first] * np.int64(width)).tolist(), ((ends - first) * width).tolist(), strict=True)
        read = b"".join([os.pread(file, length, start) for start, length in runs])
        if len(read) < len(wanted) * width:
            raise OSError(errno.EIO, "the files have been cut off")
        halves = np.frombuffer(read, "<f2")
        few = len(wanted) < FEW_ROWS
        floats = halves.astype(np.float32) if few else computed(FLOATS, halves=halves)
        return floats.reshape(-1, self.dimensions)[places]

    def details(self, row: int) -> bytes:
        """Return what was added beside a row's vector."""
        record = os.pread(self._files.records, _RECORD.itemsize, row * _RECORD.itemsize)
        start, length = _DETAILS.unpack_from(record)
        return os.pread(self._files.details, length, start)

    def _append(self, keys: Sequence[int], encoded: Sequence[tuple[bytes, bytes]]) -> None:
        files, rows, width = self._files, self.rows, self.dimensions
        vectors = np.frombuffer(b"".join(vector for vector, _ in encoded), "<f4").reshape(-1, width)
        halves = vectors.astype("<f2")
        steps, scales, errors = quantized_rows(halves.astype(np.float32))
        records = np.empty(len(keys), _RECORD)
        lengths = [len(details) for _, details in encoded]
        last = self._records(rows - 1, 1)[0] if rows else np.zeros((), _RECORD)
        start = int(last["start"]) + int(last["length"])
        records["text"], records["scale"], records["error"] = keys, scales, errors
        records["start"], records["length"] = start + np.cumsum([0, *lengths[:-1]]), lengths
        _write(files.details, b"".join(details for _, details in encoded), start)
        _write(files.halves, halves.tobytes(), rows * 2 * width)
        _write(files.records, records.tobytes(), rows * _RECORD.itemsize)
        if os.fstat(files.steps).st_size < (rows + len(keys)) * width:
            # Longer than is needed now: after each growth all processes have to map the file anew.
            os.ftruncate(files.steps, max(1024, (rows + len(keys)) * 3 // 2) * width)
        _write(files.steps, steps.tobytes(), rows * width)
        _write(files.size, (rows + len(keys)).to_bytes(8, "little"), 0)

    def _learn(self, count: int) -> None:
        """Read the records of the next rows."""
        records = self._records(self.rows, count)
        if self.rows + count > len(self._scales):
            scales = np.empty(max(1024, (self.rows + count) * 3 // 2), np.float32)
            scales[: self.rows] = self.scales
            self._scales = scales
        self._scales[self.rows : self.rows + count] = records["scale"]
        self._row_of.put(
            dict(zip(records["text"].tolist(), range(self.rows, self.rows + count), strict=True))
        )
        self.error = max(self.error, float(records["error"].max()))
        self.rows += count

    def _records(self, row: int, count: int) -> NDArray[np.void]:
        size = _RECORD.itemsize
        return np.frombuffer(os.pread(self._files.records, count * size, row * size), _RECORD)

    def _map(self) -> None:
        """Map the file as long as it is now. Searches in progress keep the mapping that they have."""
        size = os.fstat(self._files.steps).st_size
        mapped = np.frombuffer(mmap.mmap(self._files.steps, size, prot=mmap.PROT_READ), np.uint8)
        self._steps = mapped[: size - size % self.dimensions].reshape(-1, self.dimensions)


def _key(text: str) -> int:
    """Return 64 bits for a text's hash. Two of a billion texts share them with a probability of 3 %."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little", signed=True)


def _opened(folder: Path | None, dimensions: int, model: str, boot: Path) -> _Files:
    """Open the files that all processes share, or where they cannot, files of this process alone."""
    if folder is not None:
        try:
            return _shared(folder, dimensions, model, boot.read_text().strip())
        except OSError as error:
            # That a system does not tell its boot is no fault that somebody could mend.
            level = logging.WARNING if boot.exists() else logging.INFO
            _log.log(level, "Vectors cannot be shared in %s: %s. This process has its own.", folder, error)
    own = Path(tempfile.mkdtemp(prefix="paperclub-vectors-"))
    try:
        return _files(own, dimensions)
    finally:
        shutil.rmtree(own)


def _shared(folder: Path, dimensions: int, model: str, boot: str) -> _Files:
    _remove_earlier(folder, boot)
    kind = hashlib.sha256(f"{LAYOUT}\n{model}\n{dimensions}".encode()).hexdigest()
    shared = folder / f"{PREFIX}{boot}-{kind[:16]}"
    shared.mkdir(mode=0o700, exist_ok=True)
    return _files(shared, dimensions)


def _files(folder: Path, dimensions: int) -> _Files:
    """Open the files and try what they are needed for.

    Raises:
        OSError: they cannot be written, locked or mapped here.

    """
    with contextlib.ExitStack() as failed:
        opened = []
        for name in _Files._fields:
            file = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            failed.callback(os.close, file)
            opened.append(file)
        files = _Files(*opened)
        fcntl.flock(files.size, fcntl.LOCK_SH)  # while it is held, no process removes the folder
        with _locked(files.records):
            _check(files, dimensions)
            if not os.fstat(files.steps).st_size:
                os.ftruncate(files.steps, mmap.PAGESIZE)
        mmap.mmap(files.steps, mmap.PAGESIZE, prot=mmap.PROT_READ).close()
        failed.pop_all()
        return files


def _check(files: _Files, dimensions: int) -> None:
    """Raise if the files are shorter than their rows: to read a missing page would end the process."""
    rows = _count(files)
    lengths = {files.records: _RECORD.itemsize, files.steps: dimensions, files.halves: 2 * dimensions}
    if any(os.fstat(file).st_size < rows * length for file, length in lengths.items()):
        raise OSError(errno.EIO, "the files have been cut off")


def _count(files: _Files) -> int:
    return int.from_bytes(os.pread(files.size, 8, 0), "little")


def _remove_earlier(folder: Path, boot: str) -> None:
    """Remove what processes of an earlier boot left, unless another machine uses it."""
    for earlier in folder.glob(f"{PREFIX}*"):
        if earlier.name.startswith(f"{PREFIX}{boot}-"):
            continue
        with contextlib.suppress(OSError):  # it is in use, or just being removed
            file = os.open(earlier / "size", os.O_RDWR)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(earlier)
            finally:
                os.close(file)


@contextlib.contextmanager
def _locked(file: int) -> Iterator[None]:
    """Keep other processes from writing. The lock ends with its process, however that ends."""
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _write(file: int, content: bytes, start: int) -> None:
    view = memoryview(content)
    while view:
        written = os.pwrite(file, view, start)
        start, view = start + written, view[written:]


def _close(files: _Files) -> None:
    for file in files:
        os.close(file)
