from rich.console import Console

from app.intake import load_samples
from app.wiring import assembled
from papers.embedding import MiniLM


class Refusing(MiniLM):
    """A model that encodes no papers."""

    async def papers(self, texts):
        raise AssertionError(texts)


async def test_the_samples_come_with_their_vectors(settings):
    model = Refusing()
    async with assembled(settings, {}, embedder=model, samples=True) as parts:
        await load_samples(parts, Console(quiet=True))
        found = await parts.library.refresh()
        assert found == 0
        async with parts.store.reading() as tx:
            assert await tx.papers.count() == 116
    assert model._graph is None
    model.close()
