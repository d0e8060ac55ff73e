"""`digest`: preview the digest that would be posted now."""

from bot.conversation.command import Command, CommandContext, ForPrograms
from bot.conversation.lists import hits_for
from bot.domain.post import DigestKind, DigestPlan
from bot.posting.digest import overview, recent_runs, source_warning
from bot.protocol.replies import Notice, Reply


async def handle(ctx: CommandContext) -> Reply:
    """Preview the channel's digest. Nothing is posted, and no paper counts as posted."""
    channel = ctx.context.channel
    async with ctx.services.store.reading() as tx:
        subscriptions = [each for each in await tx.subscriptions.of_channel(channel.id) if not each.paused]
    if not subscriptions:
        return Notice(f"{channel.name} is not subscribed to any topic.", hint="Begin with `subscribe TOPIC`.")
    items = await ctx.services.planner.preview(channel, subscriptions)
    async with ctx.services.store.reading() as tx:
        hits = await hits_for(tx, ctx, [item.paper_id for item in items], private=True)
        runs = await recent_runs(tx, ctx.now)
    kind = DigestKind.PAPERS if items else DigestKind.NOTHING_NEW
    slot = subscriptions[0].spec.slot
    plan = DigestPlan(channel, slot, ctx.today, kind, items, source_warning(runs))
    topics = {each.id: each.spec.topic for each in subscriptions}
    return overview(plan, {hit.paper.id: hit for hit in hits}, topics, runs, preview=True)


DIGEST = Command(
    "digest",
    "Preview what this channel's topics would post now",
    handle,
    (),
    ("digest",),
    private=True,
    programs=ForPrograms.READS,
)
