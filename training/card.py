"""The model card."""

from papers.ranking import COSINE, DEPTH, RERANKED_COSINE, WORDS
from training.differences import BASE
from training.fitting import Settings

CARD = """# Differences to MiniLM

`differences.safetensors` holds low-rank differences to {base}
and a head for its words' vectors. `python -m training` made it; training/README.md has the recipe.

- **What it is for.** Searching scientific papers in English by a question, a claim, a sentence or keywords.
- **Form.** For each of the six linear layers of each of the six encoder layers there is an `a` and a `b` of
  rank {rank}, in float16. The weight becomes `weight + b @ a`; the strength {strength} is in them already.
  Embeddings and biases are the base model's own. `head.weight` projects a token to {head} dimensions.
- **Words.** The pieces of a word are added up to one vector of length one. Stop words, punctuation and the
  model's own marks have none.
- **Score.** The best {depth} papers are found by BM25 as a share of the best paper's, plus {cosine} times
  the cosine. They are reranked by the same share, plus {last} times the cosine, plus {late} times the mean
  over the query's words of the greatest cosine with a word of the paper.
- **Data.** The training claims of SciFact but every fourth, the training part of SciTLDR, titles and
  abstracts of machine-learning conferences and of arXiv, one-sentence summaries by authors and by a language
  model, and PubMedQA. In numbers: {told}.
- **Licence.** The weights have this project's licence; the base model's is Apache 2.0. They were trained on
  public abstracts. Neither the file nor the project has any of these texts.
- **Limits.** English only. The data is mostly machine learning and medicine, so other fields gain less.
  Queries were cut at 64 tokens and papers at 192. Claims gain most where other claims cite the same paper:
  compare the claims with unseen papers. Vectors of the base model and of this one are not comparable, and
  thresholds on cosines have to be fitted again.

Settings: `{settings}`.

## Figures

Claims are every fourth training claim of SciFact, which training never saw. CACM and tldr-dev are whole.
Related papers share two authors' keywords or more, in a fifth of the papers with keywords that training never
saw. Intervals are 95 %, of paired resampled queries. The strength and the weights of the score were chosen on
these same sets, so new sets may gain a little less.

{figures}
"""


def drawn(settings: Settings, told: str, strength: float, figures: str) -> str:
    """Return the card as Markdown."""
    return CARD.format(
        base=BASE,
        rank=settings.rank,
        head=settings.head,
        strength=strength,
        depth=DEPTH,
        cosine=COSINE,
        last=RERANKED_COSINE,
        late=WORDS,
        told=told,
        settings=settings,
        figures=figures,
    )
