"""Encode the samples again: `python -m training.sample_vectors` writes papers/samples/vectors.zip.

The file keeps each paper's packed vectors under its text hash, and the model's name as its comment.
"""

import asyncio
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import papers.samples
from bot.domain.cleaning import clean
from bot.domain.paper import PaperDraft, text_hash
from papers.embedding import MiniLM
from papers.formats.files import read

FOLDER = Path(papers.samples.__file__).parent


def texts() -> dict[str, tuple[str, str]]:
    """Return title and abstract of each sample, by text hash."""
    drafts = [clean(each) for each in read(FOLDER / "papers.jsonl") if isinstance(each, PaperDraft)]
    return {text_hash(each.title, each.abstract): (each.title, each.abstract) for each in drafts}


async def made() -> dict[str, bytes]:
    """Encode the samples. Returns their packed vectors by text hash."""
    model, samples = MiniLM(many_papers="graph"), texts()
    encoded = await model.papers(list(samples.values()))
    model.close()
    return dict(zip(samples, encoded, strict=True))


def main() -> None:
    """Write the file."""
    with ZipFile(FOLDER / "vectors.zip", "w", ZIP_DEFLATED) as archive:
        archive.comment = MiniLM.name.encode()
        for name, packed in asyncio.run(made()).items():
            archive.writestr(ZipInfo(name), packed, ZIP_DEFLATED)


if __name__ == "__main__":
    main()
