"""Line numbers of positions in a document, counted in one pass."""


class LineCounter:
    """Returns line numbers. Rising positions cost one pass; a lower one starts over."""

    def __init__(self, document: str | bytes) -> None:
        self._document = document
        self._position = 0
        self._number = 1

    def at(self, position: int) -> int:
        """Return the line number of a position, from 1."""
        if position < self._position:
            self._position, self._number = 0, 1
        document = self._document
        if isinstance(document, str):
            self._number += document.count("\n", self._position, position)
        else:
            self._number += document.count(b"\n", self._position, position)
        self._position = position
        return self._number
