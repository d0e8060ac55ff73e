"""What sources write becomes what people read, and nothing that they said gets lost."""

import gzip
import json
import re
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.text import clean_abstract, clean_title, links, sentences

SHARED = Path(__file__).parents[2].parent / "shared"
TIMES = "\N{MULTIPLICATION SIGN}"
SIM = "\N{TILDE OPERATOR}"

REMAINS = [
    ("hard\nwrapped\n  lines", "hard wrapped lines"),
    ("a multi-\nmodal model", "a multi-modal model"),
    ("pre-\nand post-training", "pre- and post-training"),
    ("  many \t spaces ", "many spaces"),
    (r"a na\"ive, a na\"{i}ve and a na{\"\i}ve way", "a naïve, a naïve and a naïve way"),
    (r"\'Elise, Fran\c{c}ois, Erd\H{o}s, Ho\v{r}ava, \L ukasz, \AA ngstr\"om", None),
    (r"30\% \& more \$5 \#1 a\_b", "30% & more $5 #1 a_b"),
    (r"\emph{very \textbf{good}} results", "very good results"),
    (r"{\em Very} good {\bf results}", "Very good results"),
    (r"\textcolor[rgb]{1, 0, 0}{Code is there.}", "Code is there."),
    (r"see \href{https://a.example/c_d%20~x}{our page}", "see our page (https://a.example/c_d%20~x)"),
    (r"\href{https://a.example/c}{https://a.example/c}", "https://a.example/c"),
    (r"at \url{https://a.example/b\_c}.", "at https://a.example/b_c."),
    (r"our \name, leading to", "our name, leading to"),
    (r"\eg, this, \ie that", "e.g., this, i.e. that"),
    (r"as shown~\cite{one,two}. Next", "as shown. Next"),
    (r"$\sim$20\% of $n$-grams, $k$NN, $10\times$", f"{SIM}20% of n-grams, kNN, 10{TIMES}"),
    (r"$O(n^2)$ and $\mathcal{O}(n\log n)$", "O(n²) and O(n log n)"),
    (
        r"\(x_{1}\) and $\alpha_{t-1} \leq \frac{a+b}{c}$",
        "x₁ and \N{GREEK SMALL LETTER ALPHA}_(t-1) ≤ (a+b)/c",
    ),
    (r"$1^{st}$ at $90^{\circ}$", "1st at 90°"),
    (r"$4\times$GPU, a $70$B model, $ O(n) $ steps", f"4{TIMES}GPU, a 70B model, O(n) steps"),
    ("at~https://a.example/~user/x", "at https://a.example/~user/x"),
    ("Fig.~3 by A et~al. at 5~GHz", "Fig. 3 by A et al. at 5 GHz"),
    ("one -- two--three---four", "one \N{EN DASH} two\N{EN DASH}three—four"),
    (
        "``quoted'' and ``also\" and `so'",
        "“quoted” and “also” and \N{LEFT SINGLE QUOTATION MARK}so\N{RIGHT SINGLE QUOTATION MARK}",
    ),
    ("a **bold** and *slanted* **85.67**%", "a bold and slanted 85.67%"),
    ("**D**ual **N**etworks", "Dual Networks"),
    ("[text](https://a.example/z_a) and `code`", "text (https://a.example/z_a) and code"),
    ("with 20sim 100 examples", f"with 20{SIM} 100 examples"),
    ("by 3%sim20% and 4%sim5%", f"by 3%{SIM}20% and 4%{SIM}5%"),
    (
        "2.4times faster, 1.18times-1.22times, 4timesRTX",
        f"2.4{TIMES} faster, 1.18{TIMES}-1.22{TIMES}, 4{TIMES}RTX",
    ),
    ("relevance mu^2, beta^{10} and Phi^1-based", "relevance μ², β¹⁰ and Φ¹-based"),
    ("Intel^circledR Core^{tiny TM} chips", "Intel® Core™ chips"),
    ("the tensor G_{LM} here", "the tensor G_LM here"),
    (
        "in https://hf-mirror.4.workers.example./datasets/a/b-1.4M{https://hf-mirror.4.workers.example./datasets/a/b-1.4M}.",
        "in https://huggingface.co/datasets/a/b-1.4M.",
    ),
    ("R&amp;D, a &lt; b, caf&eacute;", "R&D, a < b, café"),
    ("<p>One <i>two</i> H<sub>2</sub>O</p>", "One two H2O"),
    ("caf\u00c3\u00a9 and it\u00e2\u20ac\u2122s", "café and it\N{RIGHT SINGLE QUOTATION MARK}s"),
    ("nul\x00 bell\x07 zero\u200bwidth \u202eturned\u202c \ufeffmark", "nul bell zerowidth turned mark"),
    ("half \ud83d a pair \ud83d\ude00", "half \ufffd a pair 😀"),
]

KEPT = [
    "It sometimes takes 30 times as long, a simple sim2real simulation, at 3pm.",
    "It costs $5 vs $10, US$5-$10, or from $5 to $10 and $HOME/$USER.",
    "C# and C++ and F#, a_b, snake_case, __init__, _private, K_s, x^2, O(n^2), loss^2, nu^t, nu, alpha_1",
    "See https://a.example/~u/a_b--c%20d?x=1&copy=2#frag_1 and (https://b.example/c_(d)).",
    "github.com/some_one/a--b_c and www.a.example/~x stay whole",
    "f(*args, **kwargs) and 2**10 and 3**2 and A* and B* and 2*3*4",
    "git --flag, about ~20 and 3~5, ~/home, and a well-known end- and mid-point",
    "50% of 5 % and 5's don't rock 'n' roll 6'2''",
    "a<b and c>d, <s> and <pad>, {name} and {0, 1}, [1] and [a](b)",
    "日本語の題名、それから中文。 Ünïcödé ﷽ 👩‍💻 می‌خواهم",
    "AT&T; R&D; Q&A",
]


@pytest.mark.parametrize(("written", "read"), REMAINS)
def test_remains_are_read_as_meant(written: str, read: str | None) -> None:
    expected = read or "Élise, François, Erdős, Hořava, Łukasz, Ångström"
    assert clean_abstract(written) == expected
    assert clean_title(written) == expected


@pytest.mark.parametrize("text", KEPT)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert clean_abstract(text) == text


@given(
    st.text(st.characters())
    | st.text(st.sampled_from(list("\\${}^_%~`'\"*[]()&;#<>-ab1 \n:/.")), max_size=60)
)
def test_any_text_is_cleaned_once_and_for_all(text: str) -> None:
    clean = clean_abstract(text)
    assert clean_abstract(clean) == clean
    assert "\x00" not in clean
    clean.encode()


WORD = st.text("abcdefghijklmnopqrstuvwxyzABCDEFG", min_size=1, max_size=9)
WRAPPERS = [
    "{}",
    "{}.",
    "({})",
    "{{{}}}",
    r"\emph{{{}}}",
    r"\textbf{{{}}}",
    r"\texttt{{{}}}",
    r"\foo{{{}}}",
    r"\footnote{{{}}}",
    "**{}**",
    "*{}*",
    "``{}''",
    "`{}'",
    "${}$",
    r"\({}\)",
    "<b>{}</b>",
    "{}~",
    r"\textit{{\textbf{{{}}}}}",
    r"{{\em {}}}",
    r"\textcolor[rgb]{{1, 0, 0}}{{{}}}",
    "\u200b{}",
    "{}\n",
    "-- {}",
    "{} --",
    "30\\% {}",
    "2.4times {}",
    "&amp; {}",
    r"$\sim$ {}",
    r"\, {}",
    "$5 {}",
]


@given(st.lists(st.tuples(WORD, st.sampled_from(WRAPPERS)), max_size=12))
def test_no_word_is_lost_whatever_stands_around_it(parts: list[tuple[str, str]]) -> None:
    text = " ".join(wrapper.format(word) for word, wrapper in parts)
    left = iter(re.findall("[A-Za-z]+", clean_abstract(text)))
    assert all(word in left for word, _ in parts), text


def test_links_in_a_clean_text() -> None:
    text = "Code: https://a.example/x_y. Data (http://b.example/(z)), https://a.example/x_y; www.c.example"
    assert links(text) == ("https://a.example/x_y", "http://b.example/(z)")


@pytest.mark.parametrize(
    "expected",
    [
        ("One sentence.", "Another one!", "A third?", "The end"),
        ("We follow Doe et al. (2020), e.g. in Fig. 3, i.e. the U.S. case.", "It holds."),
        ("The rate is 3.5 vs. 4.2 in Eq. (2) and Tab. 4.", "Version v2.0 costs $5.2M."),
        ("1. First we ask.", "2. Then we see https://a.example/b.c?d=e.", "Done."),
        ("これは文です。", "次の文です。"),
    ],
)
def test_sentences(expected: tuple[str, ...]) -> None:
    assert sentences(" ".join(expected)) == expected


@given(st.text() | st.text(st.sampled_from(list("ab A1.?! ()e.g\n\u2028\ud800"))))
def test_sentences_are_the_text_word_for_word_and_in_order(text: str) -> None:
    found = sentences(text)
    position = 0
    for sentence in found:
        position = text.index(sentence, position) + len(sentence)
    assert "".join("".join(found).split()) == "".join(text.split())


REMAINING = re.compile(
    r"\\|\$[^\s$][^$]{0,30}[^\s$\d(]\$(?!\d)|\*\*\w|\dtimes(?![a-z])|\dsim|%sim|\w~\s|``|[\^_]\{|&amp;|workers\.dev"
)
LETTERS = re.compile("[a-z]{3,}")
MACRO = re.compile(
    r"\\(?:\w*ref|[cC]ite\w*|(?:text)?color)\{[^}]*\}|\w*\\[\"'`^~=.]\w*|\\[a-zA-Z]+|\[rgb\]|\^circledR|\w*times\b"
    r"|sim\d|tiny TM"
)


def assert_clean(raw: str) -> None:
    clean = clean_abstract(raw)
    assert not REMAINING.search(clean), REMAINING.search(clean)
    if "**" in raw or "{" in raw or "http" in raw:
        return
    words = LETTERS.findall(MACRO.sub(" ", raw.replace("-\n", "- ")).replace("&amp;", "&"))
    left = iter(re.findall("[a-z]+", clean))
    missing = next((word for word in words if word not in left), None)
    assert missing is None, missing


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared page is not here")
def test_the_whole_page_is_clean() -> None:
    for line in (SHARED / "seed/hf-papers-page.txt").read_text("utf-8").splitlines():
        assert_clean(line)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared papers are not here")
def test_two_thousand_arxiv_papers_are_clean() -> None:
    with gzip.open(SHARED / "data/arxiv/papers.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in islice(lines, 0, 50_000, 25):
            paper = json.loads(line)
            assert_clean(paper["title"])
            assert_clean(paper["abstract"])
