"""The numbers of lines in a document, counted once and not from its beginning for each record."""


class LineCounter:
    """Tells in which line a place of a document is. Places are asked for in their order."""

    def __init__(self, document: str | bytes) -> None:
        self._document = document
        self._position = 0
        self._number = 1

    def at(self, position: int) -> int:
        """Return the number of a place's line, from 1."""
        if position < self._position:
            self._position, self._number = 0, 1
        document = self._document
        if isinstance(document, str):
            self._number += document.count("\n", self._position, position)
        else:
            self._number += document.count(b"\n", self._position, position)
        self._position = position
        return self._number
