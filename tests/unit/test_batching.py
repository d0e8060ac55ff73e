import asyncio

import pytest

from bot.conversation.batching import KEYS_REMEMBERED, Batcher, SharedCalls


class Doubler:
    """Doubles numbers, a batch at a time, and waits for the test before each."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.started = asyncio.Event()
        self.turn = asyncio.Semaphore(0)

    async def __call__(self, numbers: list[int]) -> list[int]:
        self.batches.append(numbers)
        self.started.set()
        await self.turn.acquire()
        if 13 in numbers:
            raise ValueError("thirteen")
        return [2 * number for number in numbers]


async def test_calls_of_one_turn_are_one_batch() -> None:
    work = Doubler()
    work.turn.release()
    batcher = Batcher(work, 10)
    assert await asyncio.gather(*(batcher(number) for number in range(5))) == [0, 2, 4, 6, 8]
    assert work.batches == [[0, 1, 2, 3, 4]]


async def test_calls_that_come_meanwhile_are_the_next_batches() -> None:
    work = Doubler()
    batcher = Batcher(work, 2)
    first = asyncio.create_task(batcher(1))
    await work.started.wait()
    rest = [asyncio.create_task(batcher(number)) for number in (2, 3, 4)]
    for _ in range(3):
        work.turn.release()
    assert await asyncio.gather(first, *rest) == [2, 4, 6, 8]
    assert work.batches == [[1], [2, 3], [4]]


async def test_a_failure_reaches_those_of_its_batch_alone() -> None:
    work = Doubler()
    batcher = Batcher(work, 2)
    calls = [asyncio.create_task(batcher(number)) for number in (1, 13, 5)]
    work.turn.release()
    work.turn.release()
    first, second, third = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(first, ValueError)
    assert isinstance(second, ValueError)
    assert third == 10


async def test_a_caller_that_gave_up_does_not_disturb_the_others() -> None:
    work = Doubler()
    batcher = Batcher(work, 10)
    gone, stays = asyncio.create_task(batcher(1)), asyncio.create_task(batcher(2))
    await work.started.wait()
    gone.cancel()
    work.turn.release()
    assert await stays == 4
    with pytest.raises(asyncio.CancelledError):
        await gone


class Reader:
    """Reads what stands under a key, and waits for the test before it answers."""

    def __init__(self) -> None:
        self.stands = {"a": 1, "b": 2}
        self.read: list[str] = []
        self.begun = asyncio.Event()
        self.turn = asyncio.Event()

    async def __call__(self, key: str) -> int:
        self.read.append(key)
        self.begun.set()
        found = self.stands[key]
        await self.turn.wait()
        return found


async def test_calls_with_one_key_share_a_result_and_others_do_not_wait_for_it() -> None:
    reader = Reader()
    reader.turn.set()
    shared = SharedCalls(reader)
    assert await asyncio.gather(*(shared(key) for key in "aabab")) == [1, 1, 2, 1, 2]
    assert sorted(reader.read) == ["a", "b"]


async def test_nobody_gets_what_was_read_before_they_asked() -> None:
    reader = Reader()
    shared = SharedCalls(reader)
    first = asyncio.create_task(shared("a"))
    await reader.begun.wait()
    reader.stands["a"] = 10
    later = [asyncio.create_task(shared("a")) for _ in range(3)]
    await asyncio.sleep(0)
    reader.turn.set()
    assert await asyncio.gather(first, *later) == [1, 10, 10, 10]
    assert reader.read == ["a", "a"]


async def test_a_shared_failure_reaches_its_callers_alone() -> None:
    reader = Reader()
    reader.turn.set()
    shared = SharedCalls(reader)
    found = await asyncio.gather(shared("a"), shared("c"), shared("c"), return_exceptions=True)
    assert found[0] == 1
    assert all(isinstance(each, KeyError) for each in found[1:])


async def test_many_keys_are_forgotten_without_harm() -> None:
    async def same(key: int) -> int:
        return key

    shared = SharedCalls(same)
    keys = range(2 * KEYS_REMEMBERED)
    assert await asyncio.gather(*map(shared, keys)) == list(keys)
