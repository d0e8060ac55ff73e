import asyncio

import pytest

from bot.conversation.batching import Batcher


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
