"""Remove the tags from titles and abstracts, and keep the spaces that they stand for.

Publishers write dialects of JATS, HTML and MathML. What only looks like a tag, such as `<object>` or
`Vec<T>`, is text and stays.
"""

import re

_NAME = r"(?:[A-Za-z][\w-]*:)?"
_ATTRIBUTES = r"(?:\s+[\w:.-]+(?:\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>=/]+))?)*\s*"
_TAG = re.compile(rf"<(?P<end>/?)(?P<prefix>[A-Za-z][\w-]*:)?(?P<name>[A-Za-z][\w-]*){_ATTRIBUTES}/?>")

_BLOCK_NAMES = (
    "abstract article blockquote body br caption center dd def def-list disp-formula disp-quote div dl dt "
    "fig graphic h1 h2 h3 h4 h5 h6 hr li list list-item ol p pre sec section sectitle simplesect st table "
    "tbody td th thead title tr trans-abstract ul"
)
_INLINE_NAMES = (
    "a alternatives b bold big break cite code em email emph ext-link fixed-case font i inf inline-formula "
    "inline-graphic it italic ital kbd label math monospace named-content overline q roman rom sans-serif sc "
    "scp size small smallcaps span strike strong styled-content sub subscript sup superscript tex-math tt u "
    "underline uri var wbr xref"
)
_MATHS_NAMES = (
    "annotation annotation-xml maction merror mfenced mfrac mi mmultiscripts mn mo mover mpadded mphantom "
    "mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover "
    "none semantics"
)
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_INLINE = frozenset(_INLINE_NAMES.split()) | frozenset(_MATHS_NAMES.split())
_UNPAIRED = frozenset({"p", "br", "hr", "wbr"})
"""Tags that publishers leave without a closing one."""
_SPACED = _BLOCKS | {"break"}

# No pattern matches across a second start of itself. Otherwise many starts without an end, which anybody
# can write, would take time that grows with their square.
_COMMENT = re.compile(
    r"<!--(?:(?!<!--).){0,2000}?-->|<\?xml[^<>]*\?>|<!\[CDATA\[((?:(?!<!\[CDATA).){0,20000}?)\]\]>", re.DOTALL
)
_PREAMBLE = re.compile(
    r"\\documentclass(?:(?!\\documentclass).){0,2000}?\\begin\{document\}(.{0,2000}?)\\end\{document\}",
    re.DOTALL,
)
_FORMULA = rf"<{_NAME}math\b[^<>]*>(?:(?!<{_NAME}math\b).){{0,2000}}?</{_NAME}math\s*>"
_TWICE = re.compile(
    rf"<{_NAME}annotation(?:-xml)?\b[^<>]*>(?:(?!<{_NAME}annotation).){{0,2000}}?</{_NAME}annotation(?:-xml)?\s*>"
    rf"|{_FORMULA}(?=\s*<{_NAME}tex-math\b)|(?<=</tex-math>)\s*{_FORMULA}",
    re.DOTALL | re.IGNORECASE,
)
"""A formula that is given twice, as MathML and as TeX. One of the two is dropped."""
_POWER = re.compile(
    rf"<{_NAME}msup\b[^<>]*>\s*(<{_NAME}m[inro]\w*\b[^<>]*>[^<>]*</[^<>]*>)\s*"
    rf"<{_NAME}m[ino]\b[^<>]*>([^<>]*)</[^<>]*>\s*</{_NAME}msup\s*>",
    re.IGNORECASE,
)
_RAISED = re.compile(
    rf"(?P<base>\w?)<{_NAME}(?:sup|superscript)\b[^<>]*>(?P<raised>[^<>]{{0,60}})</{_NAME}(?:sup|superscript)\s*>",
    re.IGNORECASE,
)
_SMALL = str.maketrans(
    "0123456789+-\N{MINUS SIGN}\N{EN DASH}n()",
    "\N{SUPERSCRIPT ZERO}\N{SUPERSCRIPT ONE}\N{SUPERSCRIPT TWO}\N{SUPERSCRIPT THREE}⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻ⁿ⁽⁾",
)
_EXPONENT = re.compile(r"[-+\N{MINUS SIGN}]?[\w.]{1,12}(?<!st)(?<!nd)(?<!rd)(?<!th)")
_HEADING = re.compile(
    rf"<(?P<tag>{_NAME}(?:title|sectitle|st|h[1-6]))\b[^<>]*>(?P<text>(?:(?!<(?:p|div|sec)\b)(?!</?(?P=tag)\b).){{1,200}}?)"
    r"</(?P=tag)\s*>(?=\s*(?:<[^<>]{0,200}>\s*){0,20}[^<\s])",
    re.DOTALL | re.IGNORECASE,
)
_NO_HEADING = frozenset({"abstract", "summary"})


def plain(text: str) -> str:
    """Return the text without tags. Blocks leave a space, and headings become `Heading:`."""
    if "<" not in text:
        return text
    text = _COMMENT.sub(lambda found: found[1] or " ", text)
    if "</" in text:
        text = _TWICE.sub("", _PREAMBLE.sub(r"\1", text))
        text = _RAISED.sub(_raised, _POWER.sub(r"\1<sup>\2</sup>", text))
        text = _HEADING.sub(_heading, text)
    closed = {found["name"].lower() for found in _TAG.finditer(text) if found["end"]}
    opened = {found["name"].lower() for found in _TAG.finditer(text) if not found["end"]}
    known = (closed & opened & (_BLOCKS | _INLINE)) | _UNPAIRED
    return _TAG.sub(lambda found: _space_for(found, known), text)


def _space_for(found: re.Match[str], known: frozenset[str] | set[str]) -> str:
    """Return the space or nothing that replaces a tag; what is no tag is returned unchanged."""
    name = found["name"].lower()
    if name not in known and not found["prefix"] and not found[0].endswith("/>"):
        return found[0]
    if not found["prefix"] and name not in _BLOCKS | _INLINE:
        return found[0]
    return " " if name in _SPACED else ""


def _raised(found: re.Match[str]) -> str:
    """Write a power with superscript characters where they exist; `1st` is no power and stays."""
    base, raised = found["base"], found["raised"].strip()
    if raised and all(ord(char) in _SMALL for char in raised):
        return base + raised.translate(_SMALL)
    if base.isdigit() and raised != "o" and _EXPONENT.fullmatch(raised):
        return f"{base}^{raised}" if raised.isalnum() else f"{base}^({raised})"
    return base + raised


def _heading(found: re.Match[str]) -> str:
    heading = " ".join(_TAG.sub("", found["text"]).split())
    if not heading or heading.rstrip(":.").lower() in _NO_HEADING:
        return " "
    return f" {heading} " if heading[-1] in ":.?!" else f" {heading}: "
