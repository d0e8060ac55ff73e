"""The paper sources. A new one is a file in `papers/sources/` and a line in `SOURCES`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.settings import Settings
from bot.domain.source import register
from bot.ports.sources import Archive, Catalogue, Citations, Feed, Source, WebPages
from bot.ports.texts import FullTexts
from papers.documents.fetching import FullTextFetcher
from papers.sources.arxiv import Arxiv, ArxivAnnounced
from papers.sources.crossref import Crossref
from papers.sources.fetching.fetcher import Fetcher
from papers.sources.huggingface import HuggingFace, HuggingFaceTrending
from papers.sources.openalex import OpenAlex
from papers.sources.pages import PublisherPages
from papers.sources.semanticscholar import SemanticScholar


@dataclass(frozen=True, slots=True)
class Sources:
    """The paper sources, by what the bot can ask of them."""

    feeds: Sequence[Feed]
    archives: Sequence[Archive]
    catalogues: Sequence[Catalogue]
    """In the order in which the bot asks them for one paper."""
    watched: Sequence[Catalogue]
    """Catalogues that report new versions, withdrawals and retractions of known papers."""
    citations: Citations
    publishers: WebPages
    full_texts: FullTexts


def _hugging_face(fetcher: Fetcher, settings: Settings) -> HuggingFace:
    return HuggingFace(fetcher, settings.huggingface_url, settings.huggingface_token.get_secret_value())


SOURCES: dict[type[Source], Callable[[Fetcher, Settings], Source]] = {
    HuggingFace: _hugging_face,
    HuggingFaceTrending: lambda fetcher, settings: HuggingFaceTrending(_hugging_face(fetcher, settings)),
    ArxivAnnounced: lambda fetcher, settings: ArxivAnnounced(
        fetcher, settings.arxiv_rss_url, categories=settings.arxiv_categories.split(",")
    ),
    Arxiv: lambda fetcher, settings: Arxiv(
        fetcher, settings.arxiv_url, categories=settings.arxiv_categories.split(",")
    ),
    OpenAlex: lambda fetcher, settings: OpenAlex(
        fetcher, settings.openalex_url, settings.openalex_key.get_secret_value(), settings.contact
    ),
    Crossref: lambda fetcher, settings: Crossref(fetcher, settings.crossref_url, settings.contact),
    SemanticScholar: lambda fetcher, settings: SemanticScholar(
        fetcher, settings.semanticscholar_url, settings.semanticscholar_key.get_secret_value()
    ),
    PublisherPages: lambda fetcher, settings: PublisherPages(fetcher, settings.openreview_url),
}
"""How to make each source. The order is the one in which the bot asks them for one paper."""

# At import time, so that no process merges papers before it knows which source to prefer.
register(*(source.info for source in SOURCES))


def sources_of(settings: Settings, fetcher: Fetcher) -> Sources:
    """Make every source; all share one fetcher. The methods of a source decide what the bot uses it for."""
    made = [make(fetcher, settings) for make in SOURCES.values()]
    return Sources(
        feeds=[each for each in made if isinstance(each, Feed)],
        archives=[each for each in made if isinstance(each, Archive)],
        catalogues=[each for each in made if isinstance(each, Catalogue)],
        watched=[each for each in made if isinstance(each, Catalogue) and each.info.watched],
        citations=next(each for each in made if isinstance(each, Citations)),
        publishers=next(each for each in made if isinstance(each, WebPages)),
        full_texts=FullTextFetcher(fetcher, settings.arxiv_site_url),
    )
