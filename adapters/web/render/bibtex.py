"""A paper as a BibTeX entry to copy."""

import re

from bibtexparser.library import Library
from bibtexparser.model import Entry, Field
from bibtexparser.writer import write
from pylatexenc.latexencode import unicode_to_latex

from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import title_key
from bot.domain.paper import Paper
from bot.protocol.wording import cleaned

_NO_BRACES = str.maketrans("", "", "{}")
_WORD = re.compile(r"[^\W\d_]{4,}")


def bibtex(paper: Paper) -> str:
    """Return the entry."""
    names = {each.scheme: each.value for each in sorted(paper.identifiers, reverse=True)}
    arxiv = names.get(Scheme.ARXIV, "")
    said = {
        "title": f"{{{_tex(paper.title)}}}",
        "author": " and ".join(_tex(each) for each in paper.authors),
        "year": str(paper.published.year) if paper.published else "",
        "journal": _tex(paper.details.venue),
        "eprint": _plain(arxiv),
        "archivePrefix": "arXiv" if arxiv else "",
        "doi": _plain(names.get(Scheme.DOI, "")),
        "url": _plain(paper.link or ""),
    }
    fields = [Field(name, f"{{{value}}}") for name, value in said.items() if value]
    kind = "article" if paper.details.venue else "misc"
    written: str = write(Library([Entry(kind, _key(paper), fields)]))
    return written.strip().replace("\t", "  ")


def _key(paper: Paper) -> str:
    """Return a key such as `lund2024sparse`."""
    first = title_key(paper.authors[0].split()[-1]) if paper.authors and paper.authors[0].split() else ""
    word = next((title_key(each[0]) for each in _WORD.finditer(paper.title)), "")
    year = str(paper.published.year) if paper.published else ""
    return "".join(sign for sign in first + year + word if sign.isascii()) or f"paper{paper.id}"


def _tex(text: str) -> str:
    # BibTeX counts braces even behind a backslash, so one without its partner would swallow what follows.
    written: str = unicode_to_latex(cleaned(text).translate(_NO_BRACES))
    return written


def _plain(text: str) -> str:
    """Keep an identifier or a link as it is, without what would end the field."""
    return re.sub(r"[{}\\\s]", "", text)
