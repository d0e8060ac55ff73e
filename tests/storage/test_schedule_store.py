import asyncio
from dataclasses import replace
from datetime import time

from adapters.console import CONSOLE
from adapters.discord import DISCORD
from adapters.slack import SLACK
from bot.domain.channel import Context
from bot.domain.subscription import EVERY_DAY, Slot, SubscriptionSpec, Weekday
from storage.sql.store import SqlStore
from tests.storage.making import NINE, NOW, arrive, last_digest, later, origin, papers, plan, subscribe

PLATFORMS = [CONSOLE, DISCORD, SLACK]
WHOLE = SubscriptionSpec(
    "Mixture of  Experts",
    Slot(time(17, 30), "America/Sao_Paulo"),
    days=frozenset({Weekday.MON, Weekday.SUN}),
    categories=frozenset({"cs.CL", "cs.AI"}),
    min_votes=3,
    top=7,
)


async def test_a_subscription_comes_back_as_it_was_asked_for(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx, person_name="Ann")
        subscription, changed = await tx.subscriptions.put(context, WHOLE, NOW)
        assert not changed
        assert subscription.spec == WHOLE
        assert (subscription.created_by, subscription.created) == (context.person, NOW)
        assert (subscription.team_id, subscription.channel_id) == (context.team_id, context.channel.id)
        assert await tx.subscriptions.get(context.channel.id, subscription.id) == subscription
        assert await tx.subscriptions.of_channel(context.channel.id) == [subscription]


async def test_the_same_topic_again_changes_the_subscription(store: SqlStore) -> None:
    async with store.writing() as tx:
        ann, bob = await arrive(tx, "ann"), await arrive(tx, "bob")
        first, _ = await tx.subscriptions.put(ann, WHOLE, NOW)
        await tx.subscriptions.pause(ann.channel.id, first.id, paused=True)
        anew = SubscriptionSpec("mixture of experts ", NINE)
        second, changed = await tx.subscriptions.put(bob, anew, later(days=1))
        assert changed
        assert second == replace(first, spec=anew), "it goes on, and is still Ann's"
        assert await tx.subscriptions.of_channel(ann.channel.id) == [second]


async def test_many_who_subscribe_at_once_see_what_was_there_before_them(store: SqlStore) -> None:
    async with store.writing() as tx:
        people = [await arrive(tx, name) for name in ("ann", "bob", "cleo")]

    async def wait_and_subscribe(context: Context, at: time) -> tuple[Slot | None, Slot]:
        async with store.writing() as tx:
            await tx.schedule.lock_channels(context.channel.id)
            before = await tx.subscriptions.find_by_topic(context.channel.id, "MOE")
            wanted = SubscriptionSpec("moe", Slot(at, "UTC"))
            subscription, changed = await tx.subscriptions.put(context, wanted, NOW)
            assert changed is (before is not None)
            return before.spec.slot if before else None, subscription.spec.slot

    changes = await asyncio.gather(
        *(wait_and_subscribe(context, time(hour)) for hour, context in enumerate(people, 7))
    )
    befores, afters = zip(*changes, strict=True)
    assert befores.count(None) == 1
    assert len({*befores, *afters}) == 4, "each found what another had just left"


async def test_topics_that_differ_in_a_sign_are_two(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        ids = [await subscribe(tx, context, topic) for topic in ("C++", "C", "c#")]
        assert len(set(ids)) == 3
        found = await tx.subscriptions.of_channel(context.channel.id)
        assert [each.spec.topic for each in found] == ["C", "c#", "C++"]


async def test_subscriptions_are_paused_and_ended_by_their_channel_only(store: SqlStore) -> None:
    async with store.writing() as tx:
        context, there = await arrive(tx), await arrive(tx, channel="random")
        number = await subscribe(tx, context)
        assert not await tx.subscriptions.pause(there.channel.id, number, paused=True)
        assert not await tx.subscriptions.end(there.channel.id, number)
        assert await tx.subscriptions.get(there.channel.id, number) is None
        assert await tx.subscriptions.pause(context.channel.id, number, paused=True)
        assert [each.paused for each in await tx.subscriptions.of_channel(context.channel.id)] == [True]
        assert await tx.subscriptions.pause(context.channel.id, number, paused=False)
        assert [each.paused for each in await tx.subscriptions.of_channel(context.channel.id)] == [False]


async def test_an_ended_subscription_leaves_its_digests_and_may_begin_anew(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        [paper] = await papers(tx, "One")
        await plan(tx, context, paper)
        [subscription] = await tx.subscriptions.of_channel(context.channel.id)
        assert await tx.subscriptions.end(context.channel.id, subscription.id)
        assert not await tx.subscriptions.end(context.channel.id, subscription.id)
        assert not await tx.subscriptions.pause(context.channel.id, subscription.id, paused=True)
        assert await tx.subscriptions.get(context.channel.id, subscription.id) is None
        assert await tx.subscriptions.of_channel(context.channel.id) == []
        last = await last_digest(tx, context)
        assert last is not None
        assert [item.subscription_id for item in last.plan.items] == [subscription.id]
        assert await tx.digests.topics(last.id) == {subscription.id: subscription.spec.topic}
        anew, changed = await tx.subscriptions.put(context, subscription.spec, later(days=1))
        assert not changed
        assert anew.id != subscription.id


async def test_every_set_of_days_is_kept(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        for days in (EVERY_DAY, frozenset({Weekday.SUN}), frozenset({Weekday.MON, Weekday.WED})):
            kept, _ = await tx.subscriptions.put(context, replace(WHOLE, days=days), NOW)
            assert kept.spec.days == days


async def test_slots_come_due_the_longest_due_first(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        slack = await tx.directory.resolve(replace(origin(), platform=SLACK), NOW)
        noon = Slot(time(12), "UTC")
        assert await tx.schedule.next_due(PLATFORMS) is None
        await tx.schedule.set_due({(context.channel.id, noon): later(minutes=1)}, NOW)
        await tx.schedule.set_due({(context.channel.id, NINE): NOW}, NOW)
        await tx.schedule.set_due({(slack.channel.id, NINE): later(minutes=-1)}, NOW)

        assert await tx.schedule.next_due(PLATFORMS) == later(minutes=-1)
        assert len(await tx.schedule.all()) == 3
        first = await tx.schedule.all(SLACK)
        assert [(each.channel, each.slot, each.due) for each in first] == [
            (slack.channel, NINE, later(minutes=-1))
        ]
        assert await tx.schedule.claim(PLATFORMS, NOW, 60, 1) == first
        [second] = await tx.schedule.claim(PLATFORMS, NOW, 60, 9)
        assert (second.channel, second.slot, second.due) == (context.channel, NINE, NOW)
        assert await tx.schedule.get(context.channel.id, noon) == later(minutes=1)
        assert await tx.schedule.get(slack.channel.id, noon) is None


async def test_a_slot_has_one_row_that_moves_and_goes(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        await tx.schedule.set_due({(context.channel.id, NINE): NOW}, NOW)
        [before] = await tx.schedule.all()
        await tx.schedule.set_due({(context.channel.id, NINE): later(days=1)}, NOW)
        assert await tx.schedule.all() == [replace(before, due=later(days=1))]
        assert await tx.schedule.claim(PLATFORMS, NOW, 60, 9) == []
        for _ in range(2):
            await tx.schedule.set_due({(context.channel.id, NINE): None}, NOW)
        assert await tx.schedule.all() == []
        await tx.schedule.set_due({}, NOW)


async def test_a_claimed_slot_is_nobody_elses_until_its_lease_has_run_out(store: SqlStore) -> None:
    async with store.writing() as tx:
        context, there = await arrive(tx), await arrive(tx, channel="random")
        await tx.schedule.set_due({(each.channel.id, NINE): NOW for each in (context, there)}, NOW)
        claimed = await tx.schedule.claim(PLATFORMS, NOW, 60, 9)
        assert len(claimed) == 2
        assert await tx.schedule.claim(PLATFORMS, later(seconds=59), 60, 9) == []
        assert await tx.schedule.next_due(PLATFORMS) == later(seconds=60)
        assert await tx.schedule.filter_unchanged(claimed) == claimed
        await tx.schedule.postpone(claimed[:1], later(minutes=10))
        assert await tx.schedule.claim(PLATFORMS, later(seconds=60), 60, 9) == claimed[1:]
        await tx.schedule.set_due({(there.channel.id, NINE): later(days=1)}, NOW)
        assert await tx.schedule.filter_unchanged(claimed) == claimed[:1]
        assert await tx.schedule.claim(PLATFORMS, later(minutes=10), 60, 9) == claimed[:1], (
            "it is still due when it was"
        )


async def test_slots_that_were_claimed_in_vain_come_last_and_one_at_a_time(store: SqlStore) -> None:
    async with store.writing() as tx:
        places = [await arrive(tx, channel=f"channel-{number}") for number in range(5)]
        tried, fresh = places[:3], places[3:]
        await tx.schedule.set_due({(each.channel.id, NINE): NOW for each in tried}, NOW)
        assert len(await tx.schedule.claim(PLATFORMS, NOW, 60, 9)) == 3
        at = later(minutes=2)
        await tx.schedule.set_due({(each.channel.id, NINE): at for each in fresh}, NOW)
        turns = [
            {each.channel.id for each in await tx.schedule.claim(PLATFORMS, at, 60, 9)} for _ in range(5)
        ]
        assert turns[0] == {each.channel.id for each in fresh}
        assert [len(turn) for turn in turns[1:]] == [1, 1, 1, 0]


async def test_processes_that_claim_at_once_share_the_slots(store: SqlStore) -> None:
    async with store.writing() as tx:
        places = [await arrive(tx, channel=f"channel-{number}") for number in range(12)]
        await tx.schedule.set_due({(context.channel.id, NINE): NOW for context in places}, NOW)

    async def some() -> None:
        async with store.writing() as tx:
            claimed.extend(each.channel.id for each in await tx.schedule.claim(PLATFORMS, NOW, 60, 4))

    claimed: list[int] = []
    await asyncio.gather(*(some() for _ in range(4)))
    assert sorted(claimed) == [context.channel.id for context in places]


async def test_times_that_were_worked_out_later_than_now_are_known(store: SqlStore) -> None:
    async with store.writing() as tx:
        context, there = await arrive(tx), await arrive(tx, channel="random")
        await tx.schedule.set_due({(context.channel.id, NINE): later(days=1)}, NOW)
        await tx.schedule.set_due({(there.channel.id, NINE): later(days=9)}, later(days=8))
        [astray] = await tx.schedule.computed_after(PLATFORMS, later(hours=1), 9)
        assert astray.channel == there.channel
        await tx.schedule.set_due({(there.channel.id, NINE): later(days=1)}, NOW)
        assert await tx.schedule.computed_after(PLATFORMS, later(hours=1), 9) == []


async def test_moments_in_other_zones_are_the_same_moments(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        await tx.schedule.set_due({(context.channel.id, NINE): NOW.astimezone()}, NOW)
        assert await tx.schedule.next_due(PLATFORMS) == NOW
        [slot] = await tx.schedule.claim(PLATFORMS, NOW, 60, 1)
        assert slot.due.utcoffset() == NOW.utcoffset()
