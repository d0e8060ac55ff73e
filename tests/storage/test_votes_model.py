import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from bot.models import Here, MessageRef, Vote, VoteSource
from storage.sql.store import SqlStore, SqlTransaction
from tests.storage.making import NOW, arrive, draft, later

T = TypeVar("T")
PEOPLE = ("ann", "bob")
SOMEBODY = st.sampled_from(PEOPLE)
SOME_MESSAGE = st.sampled_from(["m", "n"])
SOME_SIDE = st.sampled_from([Vote.UP, Vote.DOWN])
SOME_MINUTE = st.integers(0, 5)


class Ballot:
    """One paper in a real store, worked on from code that does not wait."""

    def __init__(self, runner: asyncio.Runner, store: SqlStore) -> None:
        self._runner = runner
        self._store = store
        self._papers = 0
        self.here: dict[str, Here] = self._run(self._arrive)

    def next_paper(self) -> None:
        self._papers += 1
        self.paper, _ = self._run(lambda tx: tx.papers.put(draft(f"Paper {self._papers}"), NOW))

    def message(self, name: str) -> MessageRef:
        return MessageRef("general", f"{name}-{self.paper}")

    def cast(self, person: str, value: Vote, minute: int) -> None:
        here, at = self.here[person], later(minutes=minute)
        self._run(lambda tx: tx.votes.cast(here, self.paper, value, VoteSource.BUTTON, at))

    def react(self, person: str, message: str, value: Vote, minute: int, *, added: bool) -> None:
        here, at, place = self.here[person], later(minutes=minute), self.message(message)
        self._run(lambda tx: tx.votes.react(here, self.paper, place, value, added=added, at=at))

    def recount(self, message: str, votes: dict[str, frozenset[Vote]], minute: int) -> None:
        by_person = {self.here[name].person.id: values for name, values in votes.items()}
        here, at, place = self.here["ann"], later(minutes=minute), self.message(message)
        self._run(lambda tx: tx.votes.recount(here, self.paper, place, by_person, at))

    def votes(self) -> dict[str, Vote]:
        return {name: self._own_vote(here) for name, here in self.here.items()}

    def _own_vote(self, here: Here) -> Vote:
        wanted = here.channel.id, [self.paper], here.person.id
        return self._run(lambda tx: tx.marking.marks(*wanted))[self.paper].own_vote

    async def _arrive(self, tx: SqlTransaction) -> dict[str, Here]:
        return {name: await arrive(tx, name) for name in PEOPLE}

    def _run(self, work: Callable[[SqlTransaction], Awaitable[T]]) -> T:
        async def in_transaction() -> T:
            async with self._store.writing() as tx:
                return await work(tx)

        return self._runner.run(in_transaction())


class VotesBesideModel(RuleBasedStateMachine):
    """The store's votes, and a list of all that was said and not taken back."""

    def __init__(self, ballot: Ballot) -> None:
        super().__init__()
        self.ballot = ballot
        self.said: list[tuple[int, int, tuple[str, str | None, Vote]]] = []
        self.turn = 0
        self.ballot.next_paper()

    @rule(person=SOMEBODY, value=st.sampled_from(list(Vote)), minute=SOME_MINUTE)
    def cast(self, person: str, value: Vote, minute: int) -> None:
        self.ballot.cast(person, value, minute)
        self.say(minute, (person, None, value))

    @rule(person=SOMEBODY, message=SOME_MESSAGE, value=SOME_SIDE, minute=SOME_MINUTE)
    def add_reaction(self, person: str, message: str, value: Vote, minute: int) -> None:
        self.ballot.react(person, message, value, minute, added=True)
        if (person, message, value) not in self.standing():
            self.say(minute, (person, message, value))

    @rule(person=SOMEBODY, message=SOME_MESSAGE, value=SOME_SIDE)
    def remove_reaction(self, person: str, message: str, value: Vote) -> None:
        self.ballot.react(person, message, value, 9, added=False)
        self.said = [each for each in self.said if each[2] != (person, message, value)]

    @rule(
        message=SOME_MESSAGE,
        votes=st.dictionaries(SOMEBODY, st.frozensets(SOME_SIDE)),
        minute=SOME_MINUTE,
    )
    def recount(self, message: str, votes: dict[str, frozenset[Vote]], minute: int) -> None:
        self.ballot.recount(message, votes, minute)
        now = {(person, message, value) for person, values in votes.items() for value in values}
        self.said = [
            each for each in self.said if each[2][1] != message or each[2] in now or each[0] > minute
        ]
        for reaction in sorted(now - self.standing()):
            self.say(minute, reaction)

    @invariant()
    def the_latest_counts(self) -> None:
        latest = dict.fromkeys(PEOPLE, Vote.NONE)
        for _, _, (person, _, value) in sorted(self.said, key=lambda each: each[:2]):
            latest[person] = value
        assert self.ballot.votes() == latest

    def standing(self) -> set[tuple[str, str | None, Vote]]:
        return {each for _, _, each in self.said}

    def say(self, minute: int, what: tuple[str, str | None, Vote]) -> None:
        self.turn += 1
        self.said.append((minute, self.turn, what))


def test_votes_are_what_was_said_last_and_not_taken_back(database: str) -> None:
    store = SqlStore(database)
    with asyncio.Runner() as runner:
        ballot = Ballot(runner, store)
        try:
            run_state_machine_as_test(
                lambda: VotesBesideModel(ballot),
                settings=settings(max_examples=20, stateful_step_count=12),
            )
        finally:
            runner.run(store.close())
