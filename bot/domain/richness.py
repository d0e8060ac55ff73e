"""Decides when one value of a field is only a poorer version of another, and so must not replace it.

If no rule applies, the two values are different opinions. Then the better source wins, or the later value.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from bot.domain.identifiers import title_key
from bot.domain.source import source_info

_OTHERS = re.compile(
    r"[\W_]*(?:(?:and|&)?\s*(?:\d+\s+)?(?:more|others)|(?:and\s+)?et\.?\s*al|u\.\s?a)?[\W_]*", re.IGNORECASE
)
"""The last entry of an author list that was cut, such as “and 3 others”."""
_OTHERS_BEHIND = re.compile(r"[\s,]+(?:and\s+others|et\.?\s*al)\.?\s*$", re.IGNORECASE)
_CUT_MARK = re.compile(r"\s*(?:…|\.{3,}|[\[(](?:…|\.{3,}|truncated)[\])])\s*$", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?\u3002\uff01\uff1f][\])}\"'\u201d\u2019\xbb\u300d\u300f]*\s*$")
_SUBTITLE = re.compile(r"\s*[:\uff1a\u2013\u2014.?!\u3002\uff1f\uff01]|\s+-")
_NAME_PART = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_SERVERS = frozenset(
    {
        *("arxiv", "corr", "biorxiv", "medrxiv", "chemrxiv", "psyarxiv", "socarxiv", "edarxiv", "engrxiv"),
        *("techrxiv", "eartharxiv", "ssrn", "osf", "hal", "zenodo", "openreview", "square"),
        *("preprint", "preprints", "eprint", "eprints"),
    }
)
_AROUND_SERVERS = frozenset(
    {
        *("abs", "archive", "article", "computing", "cornell", "cryptology", "electronic", "iacr", "journal"),
        *("net", "org", "paper", "papers", "posted", "repository", "research", "server", "submitted", "to"),
        *("university", "v"),
    }
)
"""Words around a server's name in a venue that names only the server."""


def poorer(field: str, part: Any, source: str, whole: Any, *, equals: bool) -> bool:
    """Whether the value `part`, given by `source`, is a poorer version of the value `whole`.

    `equals`: neither value's source is better. More rules apply then.
    """
    if field == "published" and source_info(source).exact_days:
        return False
    rules = [*_POORER.get(field, ()), *(_POORER_AMONG_EQUALS.get(field, ()) if equals else ())]
    return any(rule(part, whole) for rule in rules)


def subtitled(part: str, whole: str) -> bool:
    """Whether a title is another one without its subtitle, or cut with a mark such as “…”."""
    if not _begins(part, whole):
        return False
    return bool(_CUT_MARK.search(part) or _SUBTITLE.match(_behind(part, whole)))


def without_accents(word: str) -> str:
    """Return a word's letters and digits without accents, to compare names."""
    return "".join(char for char in unicodedata.normalize("NFKD", word.casefold()) if char.isalnum())


def _begins(part: str, whole: str) -> bool:
    """Whether a text is the beginning of another, ignoring punctuation and case."""
    short, long = title_key(_CUT_MARK.sub("", part)), title_key(_CUT_MARK.sub("", whole))
    if short == long:
        marked = _CUT_MARK.search(part) and not _CUT_MARK.search(whole)
        return bool(marked) or (len(part) < len(whole) and whole.startswith(part.rstrip()))
    return bool(short) and long.startswith(short)


def _broken_off(part: str, whole: str) -> bool:
    """Whether a text is another one, broken off in the middle of a sentence."""
    return _begins(part, whole) and bool(_CUT_MARK.search(part) or not _SENTENCE_END.search(part))


def _behind(part: str, whole: str) -> str:
    key = title_key(part)
    end = next((end for end in range(len(whole)) if title_key(whole[:end]) == key), len(whole))
    return whole[end:]


def _some_of(part: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    """Whether an author list is part of another, or the same with initials instead of names."""
    (some, cut), (people, others_cut) = _people(part), _people(whole)
    if len(some) > len(people) or not _among(some, people):
        return False
    if len(some) < len(people) or cut is not others_cut:
        return len(some) < len(people) or cut
    return _letters(some) < _letters(people) and all(map(_abbreviates, some, people))


def _letters(people: list[list[str]]) -> int:
    return sum(len(part) for name in people for part in name)


def _far_fewer(part: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    return 2 * len(_people(part)[0]) < len(_people(whole)[0])


def _people(authors: Iterable[str]) -> tuple[list[list[str]], bool]:
    """Return each author's name parts, and whether the list says that it was cut."""
    given = list(authors)
    names = [_OTHERS_BEHIND.sub("", each) for each in given if not _OTHERS.fullmatch(each)]
    cut = len(names) < len(given) or any(map(_OTHERS_BEHIND.search, given))
    return [_NAME_PART.findall(unicodedata.normalize("NFKC", name)) for name in names], cut


def _among(some: list[list[str]], people: list[list[str]]) -> bool:
    """Whether each name matches a different one of the people."""
    left = list(people)
    for name in some:
        found = next((each for each in left if _abbreviates(name, each) or _abbreviates(each, name)), None)
        if found is None:
            return False
        left.remove(found)
    return True


def _abbreviates(short: list[str], full: list[str]) -> bool:
    """Whether a name may be another one, allowing for initials, order and middle names."""
    left, initials, whole = [without_accents(part) for part in full], "", 0
    for part in short:
        folded = without_accents(part)
        if folded in left:
            left.remove(folded)
            whole += len(folded) > 1
        elif len(part) <= 3 and part.isupper():
            initials += folded
        else:
            return False
    for letter in initials:
        named = next((each for each in left if each.startswith(letter)), None)
        if named is None:
            return False
        left.remove(named)
    return whole > 0 and (len(left) <= 1 or _ends_meet(short, full))


def _ends_meet(short: list[str], full: list[str]) -> bool:
    first, last = without_accents(full[0]), without_accents(full[-1])
    return first.startswith(without_accents(short[0])) and last == without_accents(short[-1])


def _less_exact(part: date, whole: date) -> bool:
    """Whether a date is the first of the month or year that contains the other date."""
    same_month = part.month == whole.month
    return part != whole and part.year == whole.year and part.day == 1 and (same_month or part.month == 1)


def _server_only(part: str, whole: str) -> bool:
    """Whether a venue is only a preprint server, and the other one is not."""
    return _is_server(part) and not _is_server(whole)


def _is_server(venue: str) -> bool:
    words = set(re.findall(r"[^\W\d_]+", re.sub(r"[\[(].*?[\])]", "", venue.casefold())))
    return bool(words & _SERVERS) and words <= _SERVERS | _AROUND_SERVERS


def _fewer_words(part: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    return set(part) < set(whole)


_POORER: Mapping[str, tuple[Callable[[Any, Any], bool], ...]] = {
    "title": (subtitled,),
    "abstract": (_broken_off,),
    "tldr": (_broken_off,),
    "authors": (_some_of,),
    "published": (_less_exact,),
    "venue": (_server_only,),
}
"""Rules that apply whatever the sources are."""
_POORER_AMONG_EQUALS: Mapping[str, tuple[Callable[[Any, Any], bool], ...]] = {
    "title": (_begins,),
    "abstract": (_begins,),
    "tldr": (_begins,),
    "authors": (_far_fewer,),
    "keywords": (_fewer_words,),
    "models": (_fewer_words,),
    "datasets": (_fewer_words,),
    "spaces": (_fewer_words,),
}
"""Further rules for two equally good sources."""
