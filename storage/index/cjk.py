"""Splits Chinese, Japanese and Korean text, which has no spaces, into pairs of neighbouring characters.

Search engines without a dictionary do this. A query of two or more characters finds the texts that contain
it.
"""

import re

_CHARACTERS = (
    "\u3005-\u3007\u3040-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_RUN = re.compile(f"[{_CHARACTERS}]+")


def paired(text: str) -> str:
    """Return the text with each run of such characters split into pairs. A lone character stays."""
    return _RUN.sub(lambda run: f" {' '.join(_pairs(run[0]))} ", text)


def paired_and_single(text: str) -> str:
    """Return the text in pairs, followed by its single characters, so that those are found too."""
    single = " ".join(char for run in _RUN.findall(text) if len(run) > 1 for char in run)
    return f"{paired(text)} {single}" if single else paired(text)


def without_pairs(text: str) -> tuple[str, list[tuple[int, str]]]:
    """Return the text with spaces for such characters, and the pairs and single ones with their places."""
    pairs = [
        (run.start() + place, part)
        for run in _RUN.finditer(text)
        for place, part in [*enumerate(_pairs(run[0])), *enumerate(run[0])]
    ]
    return _RUN.sub(lambda run: " " * len(run[0]), text), pairs


def _pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(len(run) - 1)] or [run]
