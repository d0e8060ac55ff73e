"""Run by itself, in bounds: a PDF on standard input becomes its pages' texts on standard output, as JSON.

It imports nothing of the project. PDFs are made by anybody; a reader that loops or grows does so here.
"""

import json
import resource
import sys

import pypdfium2

MEMORY = 1 << 30
SECONDS = 20
MOST_PAGES = 300
LONGEST_TEXT = 1_000_000
LONGEST_PAGE = 50_000
_HYPHEN = "\ufffe"
"""What PDFium puts in place of a hyphen at which a word was broken, before the line's end."""


def main() -> None:
    """Read, and write a list of texts."""
    document = sys.stdin.buffer.read()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    pages, room = [], LONGEST_TEXT
    for page in pypdfium2.PdfDocument(document):
        text = page.get_textpage().get_text_bounded()[: min(room, LONGEST_PAGE)]
        text = text.replace(_HYPHEN, "").replace("\r\n", "\n")
        pages.append(text)
        room -= len(text)
        if len(pages) == MOST_PAGES or not room:
            break
    json.dump(pages, sys.stdout)


if __name__ == "__main__":
    main()
