"""News of papers, told once in every channel that discussed them."""

from bot.domain.message import MessageRef
from bot.domain.paper import Change, Details, News, Standing
from bot.domain.post import PostState
from storage.sql.store import SqlStore, SqlTransaction
from tests.storage.making import NOW, arrive, arxiv, claim, draft, later, plan, put_paper, send_all

KETTLE = arxiv("2406.00001")


async def put_version(tx: SqlTransaction, version: int, standing: Standing = Standing.GOOD) -> int:
    kettle = draft("Kettles", KETTLE, details=Details(version=version, standing=standing))
    return (await put_paper(tx, kettle, NOW))[0]


async def test_a_new_version_is_told_in_the_latest_discussion_of_every_channel(store: SqlStore) -> None:
    async with store.writing() as tx:
        context, there, silent = [await arrive(tx, channel=name) for name in ("general", "random", "silent")]
        paper_id = await put_version(tx, 1)
        await tx.discussions.open(context, paper_id, MessageRef("general", "old"), NOW)
        await tx.discussions.open(context, paper_id, MessageRef("general", "latest", "thread"), later(days=1))
        await tx.discussions.open(there, paper_id, MessageRef("random", "there"), NOW)
        assert not await tx.news.is_pending()

        await put_version(tx, 2)
        assert await tx.news.is_pending()
        assert await tx.news.plan(NOW, 10) == 1
        assert not await tx.news.is_pending()
        assert await tx.news.plan(NOW, 10) == 0

        posts = {post.channel.id: post for post in await claim(tx)}
        assert posts.keys() == {context.channel.id, there.channel.id}
        assert silent.channel.id not in posts
        post = posts[context.channel.id]
        assert post.news == News(paper_id, Change.VERSION, 2)
        assert (post.digest_id, post.item, post.state) == (None, None, PostState.SENDING)
        assert post.parent == MessageRef("general", "latest", "thread")
        await tx.outbox.mark_failed(post, "gone")
        assert [each.post.news for each in await tx.outbox.list_troubles(NOW)] == [post.news]


async def test_each_change_is_news_once(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        paper_id = await put_version(tx, 1)
        await tx.discussions.open(context, paper_id, MessageRef("general", "talk"), NOW)
        for version, standing in (
            (2, Standing.GOOD),
            (2, Standing.GOOD),
            (1, Standing.GOOD),
            (3, Standing.WITHDRAWN),
        ):
            await put_version(tx, version, standing)
        assert await tx.news.plan(NOW, 10) == 2
        told = [post.news for post in await send_all(tx)]
    assert told == [News(paper_id, Change.VERSION, 2), News(paper_id, Change.WITHDRAWN, 3)]


async def test_news_of_a_paper_that_turns_out_to_be_another_goes_with_it(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        kept, _ = await put_paper(tx, draft("Journal", arxiv("2")), NOW)
        gone = await put_version(tx, 1)
        await tx.discussions.open(context, kept, MessageRef("general", "talk"), NOW)
        await put_version(tx, 2)
        await put_paper(tx, draft("Both", arxiv("2"), KETTLE), NOW)
        assert gone != kept
        assert await tx.news.plan(NOW, 10) == 1
        (post,) = await claim(tx)
    assert post.news == News(kept, Change.VERSION, 2)


async def test_digests_do_not_wait_for_news(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        paper_id = await put_version(tx, 1)
        await tx.discussions.open(context, paper_id, MessageRef("general", "talk"), NOW)
        await put_version(tx, 2)
        await tx.news.plan(NOW, 10)
        assert await plan(tx, context, paper_id)
        overview, news = sorted(await claim(tx), key=lambda post: post.news is not None)
        assert (overview.news, news.digest_id) == (None, None)
        await tx.outbox.mark_unknown(news, "no answer", later(minutes=9))
        await tx.outbox.mark_sent(overview, MessageRef("general", "overview"), NOW, found=False)
        (card,) = await claim(tx, now=later(minutes=1))
        assert card.part == 1
