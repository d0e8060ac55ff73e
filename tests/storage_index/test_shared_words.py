"""What two papers share, in their own words."""

from storage.index.full_text import FullTextIndex

EXPERTS = ("Routing for Mixture-of-Experts Models", "Routing sends tokens to experts. We train large models.")
ROUTERS = ("A router", "We study the mixture of experts. Its routing is hard. We train large models.")
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
        ("Cups", "It boils. Water runs."), [("Pots", "Boils water and more.")]
    )
    assert sorted(found) == ["boils", "water"]
