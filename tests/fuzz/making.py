"""What targets are fed with: odd text, and real payloads and files that were damaged in a few places."""

import copy
from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import strategies as st

ODD_WORDS = (
    *(
        "",
        " ",
        "\0",
        "a\0b",
        "\ud800",
        "\udfff\ud800",
        "\x1b[2J\x1b]0;x\x07",
        "\u202eabc",
        "\u2066x",
        "a\u200bb",
    ),
    *(
        "\ufeff",
        "\u2028",
        "\r\n",
        "🏴\U000e0067\U000e007f",
        "👍🏽",
        "e\u0301" * 50,
        "\u202e<!channel>",
        "<!here>",
    ),
    *(
        "<@U1>",
        "<@900>",
        "<#C1|x>",
        "<http://[a.b>",
        "http://[a.b",
        "https://a.example/\0b",
        "https://\uff41.example/",
    ),
    *(
        "@everyone",
        "@here",
        "<@&1>",
        ":x:",
        "```",
        "`a`",
        "*_~|>",
        "[a](javascript:x)",
        "&lt;!channel&gt;",
        "&#0;",
    ),
    *("10.1000/x%00y", "https://doi.org/10.1000/a%E2%80%AEb", "arXiv:2406.00001v99", "cs/9901001", "#1"),
    *(
        "#" + "9" * 30,
        "9" * 5000,
        "-1",
        "1e999",
        "NaN",
        "\u0663",
        "\u00b2",
        "9999-99-99",
        "0000-01-01",
        "25:61",
    ),
    *(
        "1y",
        "9999y",
        "2026-W99",
        "page:x:" + "9" * 30,
        "vote:1:7",
        "save:-1",
        "form::",
        '"',
        "\u201c",
        'a:"b',
    ),
    *(
        "topic:",
        "+cat:cs.CL",
        "min:3",
        "\\frac{" * 40,
        "$" * 99,
        "{" * 300,
        "\\unicode{xD800}",
        "\\unicode{x0}",
    ),
    *("<b>" * 60, "@article{", "@string{a=a}", "x" * 3000, "1.2", "1790000000.000100", "1e400", "inf"),
)
KEYS = ("search", "show", "subscribe", "paper:", "topic:", "min:", "at:", "on:", "zone:", "title:", "vote")
TEXT = st.text(max_size=40) | st.sampled_from(ODD_WORDS)
WORDS = st.lists(TEXT | st.sampled_from(KEYS), max_size=6).map(" ".join)


def nested(depth: int) -> list[Any]:
    """Lists in lists."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from(
        [10**30, -(10**30), 2**63, 0.5, float("inf"), float("nan"), nested(200), {}, [], [None], {"": {}}]
    ),
    TEXT,
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in nested dictionaries and lists, by what holds it and its key."""
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield value, key
            yield from places(part)


@st.composite
def damaged(draw: st.DrawFn, seeds: Sequence[Any]) -> Any:
    """One of some payloads, in which parts are missing, are something else, or stand somewhere else."""
    value = copy.deepcopy(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 4))):
        there = list(places(value))
        if not there:
            break
        holder, key = there[draw(st.integers(0, len(there) - 1))]
        match draw(st.sampled_from(["drop", "replace", "replace", "move"])):
            case "drop":
                del holder[key]
            case "replace":
                holder[key] = copy.deepcopy(draw(ODD))
            case "move":
                other, name = there[draw(st.integers(0, len(there) - 1))]
                holder[key] = copy.deepcopy(other[name])
    return value


@st.composite
def damaged_bytes(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """One of some files, in which stretches are missing, doubled or something else; or any bytes at all."""
    value = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 5))):
        start = draw(st.integers(0, len(value)))
        end = min(len(value), start + draw(st.integers(0, 60)))
        match draw(st.sampled_from(["drop", "double", "replace", "odd"])):
            case "drop":
                del value[start:end]
            case "double":
                value[start:start] = value[start:end]
            case "replace":
                value[start:end] = draw(st.binary(max_size=8))
            case "odd":
                value[start:end] = draw(TEXT).encode("utf-8", "surrogatepass")
    return bytes(value)
