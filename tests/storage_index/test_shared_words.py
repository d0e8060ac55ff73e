"""What two papers share, in their own words."""

from storage.index.full_text import FullTextIndex

EXPERTS = ("Routing for Mixture-of-Experts Models", "Routing sends tokens to experts. We train large models.")
ROUTERS = (
    "A router",
    "We study the mixture of experts. Its routing is hard. Routing fails. We train large models.",
)
KETTLES = ("Kettles", "They whistle.")


async def test_phrases_come_whole_and_the_rarest_first() -> None:
    index = FullTextIndex()
    filler = [(number, f"Paper {number}", "We train large models.") for number in range(10, 60)]
    await index.put([(1, *EXPERTS), (2, *ROUTERS), (3, *KETTLES), *filler])
    found = await index.shared_words(EXPERTS, [ROUTERS, KETTLES, EXPERTS])
    assert found[:2] == [["mixture of experts", "routing"], []]
    assert found[2]


async def test_phrases_do_not_reach_over_sentences() -> None:
    index = FullTextIndex()
    (found,) = await index.shared_words(
        ("Cups, and how it boils", "Water runs. It boils. Water it is."),
        [("Pots", "Boils water. Boils water.")],
    )
    assert sorted(found) == ["boils", "water"]


async def test_a_word_in_passing_tells_nothing_and_a_phrase_does() -> None:
    index = FullTextIndex()
    (found,) = await index.shared_words(
        ("Bridges", "An encoder, four short spans and a suspension bridge."),
        [("Arches", "The encoder has four partial arches. A suspension bridge has none.")],
    )
    assert found == ["suspension bridge"]


async def test_phrases_come_before_words_that_are_rarer() -> None:
    index = FullTextIndex()
    await index.put([(number, f"Iron bridge {number}", "") for number in range(1, 4)])
    paper = ("Zyzzyva", "A zyzzyva on an iron bridge.")
    (found,) = await index.shared_words(paper, [paper])
    assert found == ["iron bridge", "zyzzyva"]


async def test_what_many_papers_say_is_no_reason() -> None:
    index = FullTextIndex()
    common = "Our code is made public. The encoder of each kettle is an encoder."
    await index.put([(number, f"Kettle {number}", common) for number in range(1, 200)])
    paper = ("An encoder", f"{common} Whistling steam.")
    (found,) = await index.shared_words(paper, [paper])
    assert found == ["Whistling steam"]


async def test_compounds_stay_whole() -> None:
    index = FullTextIndex()
    await index.put([(number, f"Paper {number}", "Multi purpose.") for number in range(1, 200)])
    (found,) = await index.shared_words(
        ("Arms", "We study multi-armed bandits."), [("Levers", "Multi-armed bandits are hard.")]
    )
    assert found == ["multi-armed bandits"]


async def test_stop_words_that_do_not_bind_end_a_phrase() -> None:
    index = FullTextIndex()
    paper = ("Learning", "This is reinforcement learning and imperfect demonstrations of kettles.")
    (found,) = await index.shared_words(paper, [paper])
    assert "reinforcement learning" in found
    assert "imperfect demonstrations of kettles" in found
