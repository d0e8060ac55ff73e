"""Acronyms that papers spell out, and what a topic may be called instead."""

import pytest

from storage.index.full_text import FullTextIndex

RLHF = (1, "Aligning models", "We use reinforcement learning from human feedback (RLHF) at scale.")
MOE = (2, "Mixture of Experts (MoE) in production", "They are fast.")


@pytest.fixture
async def index() -> FullTextIndex:
    index = FullTextIndex()
    await index.put([RLHF, MOE])
    return index


@pytest.mark.parametrize(
    ("words", "others"),
    [
        ("RLHF", ["reinforcement learning from human feedback"]),
        ("rlhf", ["reinforcement learning from human feedback"]),
        ("Reinforcement Learning from Human Feedback", ["RLHF"]),
        ("cheap mixtures of experts", ["cheap MoE"]),
        ("naïve MoE routing", ["naïve Mixture of Experts routing"]),
        ("human feedback", []),
        ("gardening", []),
        ("the", []),
        ("", []),
    ],
)
async def test_an_acronym_and_what_it_stands_for_are_one_topic(
    index: FullTextIndex, words: str, others: list[str]
) -> None:
    assert index.alternatives(words) == others


async def test_both_may_be_in_one_topic(index: FullTextIndex) -> None:
    assert index.alternatives("RLHF for MoE") == [
        "reinforcement learning from human feedback for MoE",
        "RLHF for Mixture of Experts",
    ]


async def test_what_most_papers_mean_counts(index: FullTextIndex) -> None:
    monte_carlo = [(number, f"Paper {number}", "We use Monte Carlo (MC) trees.") for number in (11, 12, 13)]
    await index.put([*monte_carlo, (14, "Collapse", "Mode collapse (MC) is bad.")])
    assert index.alternatives("MC") == ["Monte Carlo"]
    assert index.alternatives("mode collapse") == []


async def test_a_word_that_is_seldom_an_acronym_is_a_word(index: FullTextIndex) -> None:
    await index.put([(20, "Resonance", "Adaptive resonance theory (ART) is old.")])
    assert index.alternatives("art") == ["Adaptive resonance theory"]
    await index.put((number, "The state of the art", "It is art.") for number in range(100, 140))
    assert index.alternatives("art") == []


async def test_what_papers_no_longer_say_is_forgotten(index: FullTextIndex) -> None:
    await index.put([(1, "Aligning models", "We use something else.")])
    await index.remove([2])
    assert index.alternatives("RLHF") == index.alternatives("MoE") == []


async def test_a_team_tells_other_teams_nothing(index: FullTextIndex) -> None:
    own = (30, "Secret", "Our quiet kettle project (QKP) is secret.")
    await index.put([own], 7)
    assert index.alternatives("QKP") == []
    await index.put([own])
    assert index.alternatives("QKP") == ["quiet kettle project"]


@pytest.mark.parametrize(
    "text",
    [
        "(",
        "()",
        ")(",
        "a (b",
        "((((",
        "é (É)",
        "混合专家模型 (MoE)",
        "x" * 5000 + " (X)",
        "\U0001f600 (A B C)",
        "(AB) ab",
    ],
)
async def test_odd_brackets_are_read_over(index: FullTextIndex, text: str) -> None:
    await index.put([(40, text, text)])
    assert index.alternatives("RLHF") == ["reinforcement learning from human feedback"]
