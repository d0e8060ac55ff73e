"""The inputs of tests/cases beside what is right: `python -m tests.case_table` prints the table.

Each row is of a kind of trouble that people have with files, links and words of papers.
"""

import asyncio
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from rich.console import Console

from app.chat import chat
from app.settings import Settings
from bot.domain.identifiers import parse
from bot.domain.paper import PaperDraft
from papers.documents import reader
from papers.embedding import MiniLM
from papers.formats.files import read
from papers.generations import Generation, Generations
from papers.search import HybridSearch
from papers.sources.pages import paper_of
from papers.vectors import unpack
from storage.index.full_text import FullTextIndex
from storage.index.vectors import VectorIndex
from storage.sql.migrations import migrate
from storage.sql.store import SqlStore
from tests.storage.making import NOW, put_paper

CASES = Path(__file__).parent / "cases"
SOURCES = "huggingface arxiv arxiv_rss arxiv_site openreview semanticscholar openalex crossref"
NOWHERE = {f"{name}_url": "http://127.0.0.1:9" for name in SOURCES.split()}
"""Sources that cannot be reached."""


@dataclass(frozen=True)
class Case:
    """An input, what is right of it, and how Paperclub is asked."""

    name: str
    kind: str
    right: str
    asked: Callable[[Path], str]

    @property
    def file(self) -> Path:
        (file,) = CASES.glob(f"{self.name}*")
        return file

    def got(self) -> str:
        """What Paperclub makes of it."""
        return self.asked(self.file)


def drafts(file: Path) -> list[PaperDraft]:
    found = list(read(file))
    assert all(isinstance(each, PaperDraft) for each in found), found
    return [each for each in found if isinstance(each, PaperDraft)]


def rows(file: Path) -> str:
    """How many rows the file's papers are in a new database, taken in twice, and the identifiers of them."""
    kept = asyncio.run(_rows(drafts(file) * 2))
    named = " ".join(sorted({str(name) for paper in drafts(file) for name in paper.identifiers}))
    return f"{kept} rows; {named or 'no identifier'}"


async def _rows(papers: Sequence[PaperDraft]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/paperclub.db"
        await _migrated(url)
        store = SqlStore(url)
        try:
            async with store.writing() as tx:
                return len({(await put_paper(tx, paper, NOW))[0] for paper in papers})
        finally:
            await store.close()


_TEMPLATE: list[bytes] = []
"""What a migrated database without rows looks like, once there was one."""


async def _migrated(url: str) -> None:
    file = Path(url.removeprefix("sqlite:///"))
    if not _TEMPLATE:
        await migrate(url)
        _TEMPLATE.append(file.read_bytes())
    file.write_bytes(_TEMPLATE[0])


def titles(file: Path) -> str:
    return " | ".join(paper.title for paper in drafts(file))


def abstracts(file: Path) -> str:
    return " | ".join(paper.abstract for paper in drafts(file))


def texts(file: Path) -> str:
    return " | ".join(f"{paper.title}: {paper.abstract}" for paper in drafts(file))


def people(file: Path) -> str:
    return " | ".join(", ".join(paper.authors) for paper in drafts(file))


def days(file: Path) -> str:
    return " ".join(str(paper.published) for paper in drafts(file))


def records(file: Path) -> str:
    return " | ".join(
        f"{paper.title}; {', '.join(paper.authors)}; {paper.published}; version {paper.details.version}"
        for paper in drafts(file)
    )


def named(file: Path) -> str:
    """How many of a list's inputs give their identifier."""
    lines = file.read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t") for line in lines if "\t" in line]
    right = sum(str(parse(written)) == wanted for written, wanted in pairs)
    return f"{right} of {len(pairs)}"


def talked(file: Path) -> str:
    """How many of a script's lines come out as the expectations behind them say."""
    lines = file.read_text(encoding="utf-8").splitlines()
    wanted, complaints = sum(line.startswith("# expect") for line in lines), StringIO()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), database_url="").model_copy(update=NOWHERE)
        with redirect_stdout(StringIO()), redirect_stderr(complaints):
            asyncio.run(chat(settings, file, None, Console(file=StringIO())))
    told = complaints.getvalue()
    return f"{wanted - len(told.splitlines())} of {wanted} as expected{told and ': ' + told}"


def found_first(file: Path) -> str:
    """Which paper of the file each of these words finds first."""
    return asyncio.run(_found_first(drafts(file), ("专家模型", "推論", "推理", "음성 인식", "обучения")))


async def _found_first(papers: Sequence[PaperDraft], searched: Sequence[str]) -> str:
    embedder, full_text = MiniLM(), FullTextIndex()
    try:
        vectors = VectorIndex(embedder.dimensions)
        given = {number: (each.title, each.abstract) for number, each in enumerate(papers, start=1)}
        await full_text.put((number, *text) for number, text in given.items())
        for number, packed in zip(given, await embedder.papers(list(given.values())), strict=True):
            vectors.add({str(number): unpack(packed, embedder.dimensions, embedder.word_dimensions)})
            vectors.put({number: str(number)})
        search = HybridSearch(Generations(Generation(embedder, vectors)), full_text)
        return " ".join([f"{words}: {(await search.search(words, 1))[0].paper_id}" for words in searched])
    finally:
        embedder.close()


def tags(file: Path) -> str:
    """What a page with one family of tags a line says of its paper."""
    pages = file.read_text(encoding="utf-8").splitlines()
    found = [paper_of(reader.tags(page.encode()), "https://kettle.example/1") for page in pages]
    return " | ".join(f"{each.title}; {', '.join(each.authors)}" for each in found if each is not None)


SICI = "doi:10.1175/1520-0469(1963)020<{}>2.0.co;2"
TABLE = (
    Case(
        "01-",
        "DOIs with <…:…>",
        f"3 rows; {SICI.format('0130:sfk')} {SICI.format('0438:sac')} {SICI.format('0611:lop')}",
        rows,
    ),
    Case("02-", "OpenReview links of venues", "3 rows; no identifier", rows),
    Case("04-", "another paper's identifier in a note", "2 rows; arxiv:2406.01234", rows),
    Case(
        "05-",
        "LaTeX in DOIs",
        (
            "2 rows; doi:10.1002/(sici)1097-4571(1998)49:8<693::aid-asi4>3.0.co;2-o "
            "doi:10.1007/978-3-319-46448-0_2"
        ),
        rows,
    ),
    Case(
        "06-",
        "names in BibTeX",
        (
            "Kettle and Cup, Inc. | Hanna Mayer, Air and Ground Study Team | Ada Example | "
            "Ada de Vries, Ben Other | Example A, Other B, Third C"
        ),
        people,
    ),
    Case(
        "07-",
        "strings that are joined by #",
        "Kettles that whistle | Cups, Kettles and pots | Plain pots",
        titles,
    ),
    Case(
        "08-",
        "dates in BibTeX",
        "2019-01-01 2019-05-01 1991-01-01 2020-06-01 2020-06-07 2020-06-07 2019-05-06",
        days,
    ),
    Case(
        "10-",
        "true < and > in titles",
        "When is an <object> a <b>? | Rates with p < 0.05 and k > 3 | Tags such as <i> and <p> in kettles",
        titles,
    ),
    Case(
        "11-",
        "arXiv's snapshot",
        (
            "Kettles and cups; A. Exámple, B. Other, C.-P. Third, D. Fourth; 2007-04-02; version 2 | "
            "Pots; Ben Other, Cy Third, Di Fourth; 1999-01-01; version 1"
        ),
        records,
    ),
    Case("12-", "an object on one line", "2 rows; arxiv:2406.01234 doi:10.1145/1.2", rows),
    Case("13-", "CSL-JSON", "Kettles; Ada Example, The Kettle Lab; 2020-01-02; version 0", records),
    Case(
        "16-",
        "abstracts in JATS",
        (
            "Background: Kettles are loud. Methods: We heat them slowly. | Kettles are loud. Cups are not. | "
            "We test kettles and cups. | Objective: To heat water. | kettles cups pots | At x=2 they BOIL."
        ),
        abstracts,
    ),
    Case("17-", "chapters with their volume's DOI", "3 rows; no identifier", rows),
    Case("19-", "a list with a row a line", "Kettles | Cups | Pots", titles),
    Case("23-", "notes of OpenReview", "1 rows; openreview:aBcD123456", rows),
    Case("26-", "one title of several works", "4 rows; arxiv:2201.00001 doi:10.1145/31.1", rows),
    Case(
        "28-",
        "what entries inherit",
        (
            "Kettles are all you boil; Ada Example, Ben Other; 2017-01-01; version 0 | "
            "Cups; Ada Example; 2024-01-01; version 0 | Pots; Ben Other; 2007-01-01; version 0"
        ),
        records,
    ),
    Case(
        "29-",
        "tags in titles and abstracts",
        (
            "Effects of Kettlella on DNA: We use kettles. | "
            "Kettlella and CO2: At 10⁻³ molar, 10⁹ cells and xi. | A kettle & a cup: Aims: To boil. | "
            "The <html> tag and <T> in generic kettles: We parse <s> and </s> tokens and Vec<T>. | "
            "Maths x² kettles: With \N{GREEK SMALL LETTER ALPHA} and space."
        ),
        texts,
    ),
    Case(
        "30-",
        "Chinese, Japanese, Korean and Russian words",
        "专家模型: 1 推論: 2 推理: 1 음성 인식: 3 обучения: 6",
        found_first,
    ),
    Case("37-", "what stands behind a DOI in a link", "6 of 6", named),
    Case("39-", "a path behind a DOI", "5 of 5", named),
    Case("40-", "Chinese and Japanese marks at a DOI", "6 of 6", named),
    Case("42-", "links of OpenReview", "9 of 9", named),
    Case("43-", "shapes of arXiv", "10 of 10", named),
    Case("44-", "forms of `add`, and times", "46 of 46 as expected", talked),
    Case("46-", "operators, skin tones, zones and links", "34 of 34 as expected", talked),
    Case("47-", "subtitles of Crossref", "TUBE: Time-dependent kettles | Flow kettles", titles),
    Case(
        "48-",
        "tags of publishers' pages",
        "Kettles; Ada Example | Cups; Ben Other | Pots; Cy Third | Lids; ",
        tags,
    ),
)


def main() -> None:
    """Print the table."""
    sys.stdout.write("| file | kind | right | got |\n|---|---|---|---|\n")
    for case in TABLE:
        got = "the same" if case.got() == case.right else case.got()
        sys.stdout.write(f"| {case.file.name} | {case.kind} | {case.right} | {got} |\n")


if __name__ == "__main__":
    main()
