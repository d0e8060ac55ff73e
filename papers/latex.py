"""Turn the LaTeX in titles and abstracts into plain text.

Parsing them as LaTeX documents fails on prose (`$5 vs $10`, a bare `%`, macros that only the paper
defines). So single constructs are rewritten, innermost first. The symbols are pylatexenc's.
"""

import re
import unicodedata
from functools import cache
from itertools import chain

from pylatexenc.latex2text import get_default_latex_context_db

_OPEN, _CLOSE, _DOLLAR = "\x01", "\x02", "\x04"
_ESCAPED = str.maketrans({_OPEN: "{", _CLOSE: "}", _DOLLAR: "$"})

_ACCENTS = {
    "'": "\N{COMBINING ACUTE ACCENT}",
    "`": "\N{COMBINING GRAVE ACCENT}",
    "^": "\N{COMBINING CIRCUMFLEX ACCENT}",
    '"': "\N{COMBINING DIAERESIS}",
    "~": "\N{COMBINING TILDE}",
    "=": "\N{COMBINING MACRON}",
    ".": "\N{COMBINING DOT ABOVE}",
    "c": "\N{COMBINING CEDILLA}",
    "H": "\N{COMBINING DOUBLE ACUTE ACCENT}",
    "k": "\N{COMBINING OGONEK}",
    "r": "\N{COMBINING RING ABOVE}",
    "u": "\N{COMBINING BREVE}",
    "v": "\N{COMBINING CARON}",
}
_ACCENT = re.compile(
    r"""\\(?: (["'`^~=.]) (?: \s?\{\s?\\?([A-Za-z])\s?\} | \\?([A-Za-z]) )
          | ([cHkruv]) (?: \s*\{\s*\\?([A-Za-z])\s*\} | \ ([A-Za-z])\b ) )""",
    re.VERBOSE,
)
_ESCAPED_QUOTES = re.compile(r'(?<![A-Za-z])\\"([^"\\{}]*)\\"(?![A-Za-z])')

_OWN_SYMBOLS = {
    "LaTeX": "LaTeX",
    "TeX": "TeX",
    "checkmark": "✓",
    "circledR": "®",
    "copyright": "©",
    "deg": "°",
    "degree": "°",
    "eg": "e.g.",
    "etal": "et al.",
    "etc": "etc.",
    "ie": "i.e.",
    "item": " ",
    "ne": "≠",
    "newline": " ",
    "par": " ",
    "qquad": " ",
    "quad": " ",
    "space": " ",
    "textasciitilde": "~",
    "textbackslash": " ",
    "textellipsis": "…",
    "textgreater": ">",
    "textless": "<",
    "texttrademark": "™",
    "textunderscore": "_",
    "n": " ",
    "t": " ",
}
_STYLES = "em|bf|it|rm|tt|sc|sf|tiny|scriptsize|footnotesize|small|normalsize|large|Large|bfseries|itshape"
_UNSEEN = re.compile(
    rf"\\(?:{_STYLES}|left|right|[bB]igg?[lrm]?|displaystyle|textstyle|limits|nolimits|boldmath|noindent"
    r"|centering|xspace|protect|relax)(?![A-Za-z])"
)
_STYLED_GROUP = re.compile(rf"\{{\s*(?:\\(?:{_STYLES})\b\s*)+([^{{}}]*)\}}")
_OPTION = r"\s*(?:\[[^\]]{0,200}\])?\s*"
_GROUP = r"\{([^{}]*)\}"
_DROPPED = re.compile(
    r"[~ ]?\\(?:[cC]ite[a-zA-Z]*|(?:auto|c|C|eq|name|page|v)?ref|label|color|[vh]space|mkern"
    rf"|includegraphics|begin|end)\*?{_OPTION}{_OPTION}\{{[^{{}}]*\}}"
)
_SECOND_SHOWN = "textcolor|colorbox|hyperlink|hyperref|raisebox|scalebox|parbox"
_TWO = re.compile(
    rf"\\({_SECOND_SHOWN}|texorpdfstring|href|[dt]?frac|nicefrac|binom){_OPTION}{_GROUP}{_OPTION}{_GROUP}"
)
_ONE = re.compile(rf"\\(?!(?:{_SECOND_SHOWN}|texorpdfstring|href)\b)([A-Za-z]+)\*?{_OPTION}{_GROUP}")
_WRAPPERS = (
    "math(?:bb|bf|cal|frak|it|rm|scr|sf|tt)|text(?:bf|it|normal|rm|sc|sf|tt)?|emph|underline|uline|operatorname"
    "|boldsymbol|bm|mbox|hat|tilde|bar|vec|widehat|widetilde|overline|textsuperscript|textsubscript|footnote|url"
)
_WRAPPER_ALONE = re.compile(rf"\\(?:{_WRAPPERS}|{_SECOND_SHOWN}|href|textcolor)(?![A-Za-z])\*?")
_MACRO_IN_BRACES = re.compile(r"(?<![A-Za-z\]}*_^])\{(\\[A-Za-z]+)\}")
_LETTER = re.compile(r"(\\(?:[lLoO]|ae|AE|oe|OE|ss|aa|AA)) (?=[a-z])")
_NAMED = re.compile(r"\\([A-Za-z]+)\*?(?:\{\})?")
_PUNCTUATION = re.compile(r"\\([^A-Za-z]|$)")
_SPACING = {"\\": " ", ",": " ", ";": " ", ":": " ", "!": "", "/": "", "-": "", "@": ""}

_MATH = re.compile(
    r"\$\$([^$]{1,800})\$\$ | \$([^$]{1,400})\$ | \\\((.{1,400}?)\\\) | \\\[(.{1,800}?)\\\]", re.VERBOSE
)
_COMMAND = re.compile(r"\\[A-Za-z]")
_PROSE = re.compile(r"[A-Za-z]{3,}[,.;:]?\s+[A-Za-z]{3,}")
_SPACED_FORMULA = re.compile(r"\s[A-Za-z(\[|](?=.*[^A-Za-z\s]).{0,60}\s")
_NUMBER = re.compile(r"[+-]?\d[\d.,]*")
_ORDINAL = re.compile(r"(?:st|nd|rd|th)\Z")
_RAISED_MARK = re.compile(
    r"""\^\s*(?: \{\s*(?:\\?(?:tiny|small|rm|text|textrm|mathrm|scriptsize)\b\s*)?\{?\s* )?
        (?: (\\?circledR\b|\\textregistered\b|®) | (\\?circ(?![a-z])|∘|°) | (TM\b|\\texttrademark\b|™) )
        (?: \s*\}{1,2} )?""",
    re.VERBOSE,
)
_RAISED = re.compile(r"\^\s*(?:\{([^{}]*)\}|([\w+*]|\S))")
_LOWERED = re.compile(r"_\s*(?:\{([^{}]*)\}|([\w+*]))")
_SUPERSCRIPTS = str.maketrans("0123456789+-n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_LONE_GROUP = re.compile(r"(?<![\^_])\{([^{}]*)\}")
_SCRIPT_GROUP = re.compile(r"(?<=\w)([_^])\{([^{}\s]*)\}")
_GLUED_GROUP = re.compile(r"(?<=\w)\{([\w-]+)\}|\{([\w-]+)\}(?=\w)")
_BARE_WRAPPER = re.compile(
    r"(?<![\\\w])(?:math(?:bb|bf|cal|rm|sf|tt|it)|text(?:bf|it|tt|rm|sc)|operatorname|boldsymbol|emph|underline)"
    r"\{([^{}]*)\}"
)
_BARE_FRACTION = re.compile(r"(?<![\\\w])frac\{([^{}]*)\}\{([^{}]*)\}")
_BARE_POWER = re.compile(r"(?<![\\\w])([A-Za-z]{2,10})\^(?:(\d+)|\{(\d+)\})(?!\w)")


def plain(text: str) -> str:
    """Rewrite the LaTeX in a one-line text. Text without LaTeX is returned unchanged."""
    if not any(mark in text for mark in "\\$^{"):
        return text
    text = text.replace(r"\{", _OPEN).replace(r"\}", _CLOSE).replace(r"\$", _DOLLAR)
    text = _BARE_FRACTION.sub(r"\1/\2", _BARE_WRAPPER.sub(r"\1", text))
    text = _BARE_POWER.sub(_greek_power, text)
    text = _raised_marks(_MATH.sub(_math, text))
    if "\\" in text:
        text = _commands(_STYLED_GROUP.sub(r"\1", text))
    text = _GLUED_GROUP.sub(lambda found: found[1] or found[2], _SCRIPT_GROUP.sub(r"\1\2", text))
    return text.translate(_ESCAPED)


@cache
def _symbols() -> dict[str, str]:
    """Return the text for macros without arguments: pylatexenc's, and some that it lacks."""
    known = get_default_latex_context_db()
    macros = chain.from_iterable(known.d[name]["macros"].items() for name in known.categories())
    constant = ((name, macro.simplify_repl) for name, macro in macros)
    written = {name: text for name, text in constant if isinstance(text, str) and not set(text) & set("%<")}
    return written | _OWN_SYMBOLS


def _math(found: re.Match[str]) -> str:
    single = found[2]
    if single is not None and not _is_math(single, found.string[found.end() :][:1]):
        return found[0]
    return _formula(next(inner for inner in found.groups() if inner is not None))


def _is_math(inner: str, after: str) -> bool:
    """Tell `$n$` from the prose between two amounts of money or two shell variables."""
    command, prose = _COMMAND.search(inner), _PROSE.search(inner)
    if command or prose or not inner.strip():
        return bool(command) and not (prose and inner[0].isdigit() and inner[-1].isspace())
    if any(mark in inner for mark in "^_=<>"):
        return not (after.isdigit() and inner[0].isdigit())
    if inner[0].isspace() or inner[-1].isspace():
        return bool(_SPACED_FORMULA.fullmatch(inner))
    if after.isdigit():
        return not any(char.isalnum() for char in inner)
    return len(inner) == 1 or not after.isalpha() or bool(_NUMBER.fullmatch(inner))


def _formula(inner: str) -> str:
    text = _raised_marks(inner)
    for _ in range(12):  # a bound, as titles come from anybody
        simpler = _commands(text) if "\\" in text else text
        simpler = _LOWERED.sub(_lowered, _RAISED.sub(_raised, simpler))
        simpler = _LONE_GROUP.sub(r"\1", simpler)
        if simpler == text:
            break
        text = simpler
    return text


def _raised(found: re.Match[str]) -> str:
    inner = (found[2] or found[1]).strip()
    return inner if _ORDINAL.match(inner) else _script("^", inner, _SUPERSCRIPTS)


def _lowered(found: re.Match[str]) -> str:
    return _script("_", (found[2] or found[1]).strip(), _SUBSCRIPTS)


def _script(mark: str, inner: str, small: dict[int, int]) -> str:
    if all(ord(char) in small for char in inner):
        return inner.translate(small)
    return mark + (inner if re.fullmatch(r"\w+|\W", inner) else f"({inner})")


def _greek_power(found: re.Match[str]) -> str:
    """Write `nu^2` with a Greek letter, as some sources strip the backslash. Other words stay."""
    letter = _symbols().get(found[1], "")
    if len(letter) != 1 or not unicodedata.name(letter, "").startswith("GREEK"):
        return found[0]
    return letter + (found[2] or found[3]).translate(_SUPERSCRIPTS)


def _raised_marks(text: str) -> str:
    if "^" not in text:
        return text
    return _RAISED_MARK.sub(lambda found: "®" if found[1] else "°" if found[2] else "™", text)


def _commands(text: str) -> str:
    """Rewrite macros. Those without arguments come first, so that no innermost group has any left."""
    text = _ACCENT.sub(_accented, _ESCAPED_QUOTES.sub(r'"\1"', text))
    text = _LETTER.sub(r"\1{}", _MACRO_IN_BRACES.sub(r"\1{}", text))
    text = _NAMED.sub(_symbol, _UNSEEN.sub("", _DROPPED.sub("", text)))
    for _ in range(12):
        simpler = _ONE.sub(_one_argument, _TWO.sub(_two_arguments, text))
        if simpler == text:
            break
        text = simpler
    text = _NAMED.sub(_unknown, _WRAPPER_ALONE.sub(" ", text))
    return _PUNCTUATION.sub(lambda found: _SPACING.get(found[1], found[1]), text)


def _accented(found: re.Match[str]) -> str:
    mark, letter = found[1] or found[4], found[2] or found[3] or found[5] or found[6]
    composed = unicodedata.normalize("NFC", letter + _ACCENTS[mark])
    if len(composed) == 1:
        return composed
    return (mark if found[1] else "") + letter


def _symbol(found: re.Match[str]) -> str:
    text = _symbols().get(found[1])
    if text is None:
        return found[0]
    return _spaced(text, found) if text.isalpha() and len(text) > 1 else text


def _unknown(found: re.Match[str]) -> str:
    """Keep the name of a macro that the paper itself defines: mostly it is the name of its method."""
    return _spaced(found[1], found)


def _spaced(word: str, found: re.Match[str]) -> str:
    """Put spaces around a word where it would otherwise run into its neighbours."""
    before, after = found.string[: found.start()][-1:], found.string[found.end() :][:1]
    return " " * before.isalnum() + word + " " * (after.isalnum() or after == "{")


def _one_argument(found: re.Match[str]) -> str:
    name, inner = found[1], found[2]
    if name == "footnote":
        return f" ({inner})"
    if name == "sqrt":
        return f"√{inner}" if len(inner) == 1 else f"√({inner})"
    if name == "unicode":
        return _code_point(inner)
    return inner


def _two_arguments(found: re.Match[str]) -> str:
    name, first, second = found[1], found[2].strip(), found[3].strip()
    if name == "href":
        return second if first == second else f"{second} ({first})"
    if name.endswith("frac"):
        return "/".join(f"({term})" if re.search(r"[\s+-]", term) else term for term in (first, second))
    if name == "binom":
        return f"({first} choose {second})"
    return first if name == "texorpdfstring" else second


def _code_point(written: str) -> str:
    hexadecimal = re.fullmatch(r"\s*x([0-9a-fA-F]{2,5})\s*", written)
    return chr(int(hexadecimal[1], 16)) if hexadecimal else written
