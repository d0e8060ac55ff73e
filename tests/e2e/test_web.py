import re
from collections import Counter
from dataclasses import replace

import httpx
import pytest

from bot.domain.paper import PaperDraft
from storage.shared.rate_limits import LocalRateLimiter
from tests.e2e.web_world import HOST, OURS, PAPERS, THEIRS, Browser, Member, Pages, open_pages, talk


@pytest.fixture
async def pages(settings, clock, embedder):
    async with open_pages(settings, clock, embedder) as opened:
        yield opened


@pytest.fixture
async def ada(pages: Pages) -> Member:
    return await talk(pages)


@pytest.fixture
async def visitor(pages: Pages):
    async with pages.browser() as browser:
        yield browser


@pytest.fixture
async def browser(pages: Pages, ada: Member):
    async with pages.browser() as opened:
        await opened.sign_in(ada)
        yield opened


def titles(response: httpx.Response) -> list[str]:
    """The papers on a page, in their order."""
    return re.findall(r'<h[23] class="title"[^>]*><a [^>]*>([^<]+)</a>', response.text)


async def test_the_first_page_shows_today(visitor: Browser):
    page = await visitor.get("/")
    assert page.status_code == 200
    assert "Monday 30 November 2026" in page.text
    assert titles(page) == [
        "Cheaper Experts at Serving Time",
        "Routing Tokens to Experts Evenly",
        "Seeing Cracks in Bridges before They Grow",
    ]
    assert "by AK, taesiri and the community" in page.text
    assert 'href="/2026-11-27" rel="prev"' in page.text


async def test_a_day_without_papers_leads_back_to_the_latest_that_has_some(pages: Pages, visitor: Browser):
    pages.clock.forward(days=2)
    page = await visitor.get("/")
    assert "Monday 30 November 2026" in page.text
    assert len(titles(page)) == 3
    empty = await visitor.get("/2026-12-01")
    assert (empty.status_code, titles(empty)) == (200, [])
    assert 'href="/2026-11-30" rel="prev"' in empty.text


@pytest.mark.parametrize(
    ("path", "count", "heading"),
    [
        ("/2026-11-27", 1, "Friday 27 November 2026"),
        ("/week/2026-W48", 2, "Week 48 of 2026"),
        ("/month/2026-11", 5, "November 2026"),
        ("/trending", 5, "Trending"),
        ("/trending?period=today", 3, "Trending"),
    ],
)
async def test_a_time_has_an_address_that_people_can_guess(visitor: Browser, path, count, heading):
    page = await visitor.get(path)
    assert (page.status_code, len(titles(page))) == (200, count)
    assert f"<h1>{heading}</h1>" in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/2026-13-01",
        "/2026-W48",
        "/2026-11",
        "/week/2026-11-27",
        "/month/2026-W48",
        "/week/2026-W60",
        "/2999-01-01",
        "/trending?period=century",
        "/trending?page=0",
        "/trending?page=99",
        "/papers/0",
        "/papers/99999999999999999999",
        "/papers/x",
        "/papers/%D9%A1",
        "/channels/1",
        "/a/b/c",
        "/static/nothing.css",
    ],
)
async def test_what_is_not_there_says_so_in_one_way(visitor: Browser, path):
    page, other = await visitor.get(path), await visitor.get("/papers/12345")
    assert page.status_code == 404
    assert "I couldn't find this page".replace("'", "&#39;") in page.text
    assert page.content == other.content


async def test_trending_says_why_a_paper_stands_where_it_stands(browser: Browser):
    page = await browser.get("/trending")
    assert "👍 2 👎 0 · 2 comments · 84 up-votes on Hugging Face" in page.text
    assert "Score 5.44 = (1 + 84 ÷ 10 + 2 · 2 + 2) ÷ (0 days + 2)^1.5" in page.text


async def test_search_marks_the_words_that_answer(visitor: Browser):
    page = await visitor.get("/search?q=drones that look at bridges")
    assert titles(page)[0] == "Seeing Cracks in Bridges before They Grow"
    assert '<span class="match"><mark>Drones photograph bridges</mark>, and' in page.text
    nothing = await visitor.get("/search?q=cat:xx.YY drones")
    assert (nothing.status_code, titles(nothing)) == (200, [])
    assert (await visitor.get("/search")).status_code == 200


async def test_search_says_what_it_does_not_understand(visitor: Browser):
    page = await visitor.get('/search?q="open')
    assert page.status_code == 200
    assert "A quotation mark has no partner." in page.text


async def test_a_papers_page_has_all_that_its_sources_say(pages: Pages, visitor: Browser):
    page = await visitor.get(f"/papers/{pages.numbers[0]}")
    for text in (
        "Ada Lund, Bo Meyer, Cy Novak, Di Osei, Ed Pham",
        "We keep only the experts in memory that a router is about to ask for.",
        'href="https://arxiv.org/abs/2611.00001"',
        'href="https://github.com/example/cheap-experts"',
        'href="https://huggingface.co/routing-lab/router-7b"',
        "The Routing Lab",
        "@misc{lund2026cheaper,",
        "eprint = {2611.00001}",
        "author = {Ada Lund and Bo Meyer and Cy Novak and Di Osei and Ed Pham}",
        "Routing Tokens to Experts Evenly",
        '<meta property="og:title" content="Cheaper Experts at Serving Time">',
        f'<meta property="og:url" content="{HOST}/papers/{pages.numbers[0]}">',
        "Sign in</a> to vote",
    ):
        assert text in page.text, text
    assert "In your channels" not in page.text


async def test_a_papers_page_shows_the_talk_of_my_channels(pages: Pages, ada: Member, browser: Browser):
    page = await browser.get(f"/papers/{pages.numbers[0]}")
    number = await pages.channel(ada)
    assert f'<a href="/channels/{number}">#nlp</a>' in page.text
    assert "👍 2 👎 0" in page.text
    assert re.search(
        rf'href="https://{OURS}.example.org/\d+"[^>]*>Discussed 30 Nov 2026, 09:0\d, 2 comments', page.text
    )


async def test_a_vote_counts_in_the_channel_whose_page_it_was_pressed_on(
    pages: Pages, ada: Member, browser: Browser
):
    paper, channel = pages.numbers[2], await pages.channel(ada)
    page = await browser.post(
        f"/papers/{paper}/vote", value="up", channel=str(channel), next=f"/channels/{channel}/top"
    )
    assert page.url.path == f"/channels/{channel}/top"
    assert "👍 2 👎 0" in page.text
    # Without a channel it counts in their own, and the channel's stays as it is.
    await browser.post(f"/papers/{paper}/vote", value="down", next=f"/papers/{paper}")
    talk = await browser.get(f"/papers/{paper}")
    assert "👍 2 👎 0" in talk.text
    assert "you voted 👍" in talk.text
    assert re.search(r'value="none" aria-pressed="true">Not for me', talk.text)


async def test_a_vote_is_taken_back_and_a_paper_saved(pages: Pages, browser: Browser):
    paper = pages.numbers[4]
    for value, pressed in (("up", "none"), ("none", "up")):
        page = await browser.post(f"/papers/{paper}/vote", value=value, next=f"/papers/{paper}")
        assert f'<button name="value" value="{pressed}"' in page.text
    assert (
        "Saved</button>"
        in (await browser.post(f"/papers/{paper}/save", switch="on", next=f"/papers/{paper}")).text
    )
    assert "What Long Contexts Forget in the Middle" in titles(await browser.get("/me"))
    await browser.post(f"/papers/{paper}/save", switch="off")
    assert "What Long Contexts Forget in the Middle" not in titles(await browser.get("/me"))


async def test_a_vote_in_a_channel_that_one_may_not_read_is_refused(
    pages: Pages, ada: Member, browser: Browser
):
    other = await talk(pages, THEIRS, "x")
    number = await pages.channel(other)
    page = await browser.post(f"/papers/{pages.numbers[0]}/vote", value="up", channel=str(number))
    assert page.status_code == 404
    assert (await browser.get(f"/channels/{number}")).status_code == 404
    assert (await browser.post(f"/papers/{pages.numbers[0]}/vote", value="sideways")).status_code == 404
    # Who has left a channel no longer reads it, once what the platform said before is a minute old.
    own = await pages.channel(ada)
    assert (await browser.get(f"/channels/{own}")).status_code == 200
    pages.surface.members[OURS, "ada"].discard("#nlp")
    pages.clock.forward(minutes=2)
    assert (await browser.get(f"/channels/{own}")).status_code == 404


async def test_a_channel_has_its_history_its_best_papers_and_its_topics(
    pages: Pages, ada: Member, browser: Browser
):
    number = await pages.channel(ada)
    assert f'href="/channels/{number}">#nlp</a>' in (await browser.get("/channels")).text
    history = await browser.get(f"/channels/{number}")
    assert set(titles(history)) == {
        "Cheaper Experts at Serving Time",
        "Routing Tokens to Experts Evenly",
        "Seeing Cracks in Bridges before They Grow",
    }
    assert re.search(rf'href="https://{OURS}.example.org/\d+">See the message', history.text)
    top = await browser.get(f"/channels/{number}/top")
    assert titles(top)[0] == "Cheaper Experts at Serving Time"
    topics = await browser.get(f"/channels/{number}/topics")
    assert "mixture of experts" in topics.text
    assert "Every day at 09:00 Europe/Paris" in topics.text


async def test_the_reading_list_is_ones_own(pages: Pages, browser: Browser):
    assert titles(await browser.get("/me")) == [
        "Cheaper Experts at Serving Time",
        "Routing Tokens to Experts Evenly",
    ]
    async with pages.browser() as bo:
        await bo.sign_in(Member("bo", "#nlp"))
        assert titles(await bo.get("/me")) == []


async def test_every_answer_has_the_headers_of_a_page_that_trusts_nobody(visitor: Browser):
    style = re.search(r'href="(/static/paperclub\.[0-9a-f]+\.css)"', (await visitor.get("/")).text)
    assert style is not None
    for path in ("/", "/sign-in", "/nothing", style[1]):
        headers = (await visitor.get(path)).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
    assert "immutable" in (await visitor.get(style[1])).headers["cache-control"]
    page = (await visitor.get("/")).text
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|javascript:", page)
    assert set(re.findall(r'(?:src|href)="(https?:[^"]+)"', page)) <= {f"{HOST}/"}


async def test_a_page_that_has_not_changed_is_not_sent_again(visitor: Browser):
    page = await visitor.get("/")
    assert page.headers["content-encoding"] == "gzip"
    again = await visitor.get("/", **{"If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = await visitor.get("/", **{"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == page.text
    assert "no-store" in (await visitor.get("/sign-in")).headers["cache-control"]


@pytest.mark.parametrize(
    "path", ["/", "/2026-11-30", "/week/2026-W49", "/month/2026-11", "/trending", "/search", "/papers/{}"]
)
async def test_visitors_who_come_too_often_are_told_when_to_come_again(pages: Pages, ada: Member, path: str):
    time = [0.0]
    pages.limiter, path = LocalRateLimiter(clock=lambda: time[0]), path.format(pages.numbers[0])
    application = pages.application
    async with pages.browser(application) as visitor, pages.browser(application) as signed_in:
        seen = [(await visitor.get("/search")).status_code for _ in range(61)]
        assert seen == [200] * 61
        refused = await visitor.get(path)
        seconds = int(refused.headers["retry-after"])
        assert (refused.status_code, seconds >= 1) == (429, True)
        assert f"Try again in {seconds} s" in refused.text
        assert "no-store" in refused.headers["cache-control"]
        # Neither others nor signing in wait for them.
        assert (await visitor.get(path, **{"X-Forwarded-For": "203.0.113.9"})).status_code == 200
        await signed_in.sign_in(ada)
        assert (await signed_in.get(path)).status_code == 200
        time[0] += seconds
        assert (await visitor.get(path)).status_code == 200


async def test_all_visitors_together_leave_time_for_teams(pages: Pages, ada: Member):
    pages.limiter = LocalRateLimiter(clock=lambda: 0.0)
    async with pages.browser() as browser:
        seen = [
            (await browser.get("/search", **{"X-Forwarded-For": f"203.0.113.{number}"})).status_code
            for number in range(102)
        ]
        assert seen == [200] * 101 + [429]
        await browser.sign_in(ada)
        assert (await browser.get("/search")).status_code == 200


async def test_looking_at_lists_stores_nothing(pages: Pages, visitor: Browser):
    """A stranger who turns pages must not fill the database."""
    many = [
        replace(each, title=f"{each.title}, part {part}", identifiers=frozenset())
        for each in PAPERS
        for part in range(5)
    ]
    await pages.parts.library.add(many)
    await visitor.get("/")
    before = await rows(pages)
    for path in (
        "/trending",
        "/trending?page=2",
        "/month/2026-11?page=3",
        "/search?q=experts",
        "/search?q=experts&page=2",
    ):
        page = await visitor.get(path)
        assert "Page " in page.text, path
        assert len(titles(page)) > 0
    assert await rows(pages) == before


async def rows(pages: Pages) -> Counter[str]:
    return Counter([kind async for kind, _ in pages.parts.store.export()])


async def test_a_fault_of_ours_is_a_page_with_a_reference(
    pages: Pages, visitor: Browser, monkeypatch, caplog
):
    async def broken(*_):
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(pages.parts.talk.__class__, "seen_by", broken)
    page = await visitor.get("/")
    reference = re.search(r"reference ([0-9a-f]{8})", page.text)
    assert page.status_code == 500
    assert reference is not None
    assert f"Reference {reference[1]}" in caplog.text
    assert "broken on purpose" not in page.text


async def test_foreign_text_is_only_text(pages: Pages, visitor: Browser):
    hostile = replace(
        (await _paper(pages, pages.numbers[0])),
        title='<script>alert(1)</script> "Titles" & {{ 7 * 7 }}',
        abstract="<img src=x onerror=alert(1)> An abstract about kettles. </p><h1>",
        links=("javascript:alert(1)", "https://example.org/'\"><b>"),
        identifiers=frozenset(),
        authors=("</pre><script>", "Ada {Lund}\\input"),
        submitted_by="<b>AK</b>",
    )
    report = await pages.parts.library.add([hostile])
    await pages.parts.library.refresh()
    for path in (
        f"/papers/{report.stored[0][0]}",
        "/",
        "/search?q=kettles",
        "/trending",
        "/search?q=<script>",
    ):
        page = (await visitor.get(path)).text
        assert "<script>" not in page
        assert "<img src=x" not in page
        assert "<b>" not in page
        assert 'href="javascript:' not in page
        assert "49" not in re.sub(r"[0-9a-f]{12}|2·|\d{4}", "", page) or "{{ 7 * 7 }}" in page
    page = (await visitor.get(f"/papers/{report.stored[0][0]}")).text
    assert "&lt;script&gt;alert(1)" in page
    assert "{{ 7 * 7 }}" in page
    assert "https://example.org/" in page


async def _paper(pages: Pages, number: int):
    async with pages.parts.store.reading() as tx:
        paper = (await tx.papers.get([number]))[number]
    return PaperDraft(paper.title, paper.abstract, "huggingface", listed=paper.listed, upvotes=paper.upvotes)
