"""The sources that the settings name."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.settings import Settings
from bot.ports.sources import Archive, Catalogue, Citations, Feed, WebPages
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
    """Where papers come from, by what can be asked there."""

    feeds: Sequence[Feed]
    archives: Sequence[Archive]
    catalogues: Sequence[Catalogue]
    """In the order in which they are asked for one paper."""
    watched: Sequence[Catalogue]
    """Those that know what has happened to a paper since."""
    citations: Citations
    publishers: WebPages
    full_texts: FullTexts


def sources_of(settings: Settings, fetcher: Fetcher) -> Sources:
    """Make every source, over one fetcher."""
    hugging_face = HuggingFace(
        fetcher, settings.huggingface_url, settings.huggingface_token.get_secret_value()
    )
    categories = settings.arxiv_categories.split(",")
    arxiv = Arxiv(fetcher, settings.arxiv_url, categories=categories)
    announced = ArxivAnnounced(fetcher, settings.arxiv_rss_url, categories=categories)
    scholar = SemanticScholar(
        fetcher, settings.semanticscholar_url, settings.semanticscholar_key.get_secret_value()
    )
    openalex = OpenAlex(
        fetcher, settings.openalex_url, settings.openalex_key.get_secret_value(), settings.contact
    )
    crossref = Crossref(fetcher, settings.crossref_url, settings.contact)
    return Sources(
        feeds=(hugging_face, HuggingFaceTrending(hugging_face), announced, arxiv),
        archives=(hugging_face, arxiv),
        catalogues=(hugging_face, arxiv, openalex, crossref, scholar),
        watched=(arxiv, openalex, crossref, scholar),
        citations=scholar,
        publishers=PublisherPages(fetcher, settings.openreview_url),
        full_texts=FullTextFetcher(fetcher, settings.arxiv_site_url),
    )
