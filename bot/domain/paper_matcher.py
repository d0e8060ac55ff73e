"""Which of the papers that look like a draft the draft is about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.domain.descriptions import likeness
from bot.domain.identifiers import Identifier
from bot.domain.merging import same_papers
from bot.domain.paper import Paper, PaperDraft
from bot.domain.separated import SeparatedPapers


@dataclass(frozen=True, slots=True)
class PaperMatcher:
    """Matches one draft with the papers of one owner.

    A source record that a paper keeps is that paper's, however either looks by now. Papers that the operator
    has separated stay two.
    """

    separated: SeparatedPapers
    keepers: frozenset[int]
    """The papers that keep the draft's source record."""

    def same(self, draft: PaperDraft, candidates: Sequence[Paper]) -> list[Paper]:
        """Those that a draft is about, the lowest number first.

        Of papers that are kept apart it is about one: the paper that keeps its record, or else the likest.
        """
        keeping = [paper for paper in candidates if paper.id in self.keepers][:1]
        refused = self.separated.rejected(keeping[0].id) if keeping else frozenset[Identifier]()
        found = same_papers(replace(draft, identifiers=draft.identifiers - refused), candidates)
        same = keeping + [paper for paper in found if paper not in keeping]
        if not keeping and any(self.separated.separated_from(paper.id) for paper in same):
            same.sort(key=lambda paper: likeness(draft, paper), reverse=True)
        together: list[Paper] = []
        for paper in same:
            if not self._kept_apart(paper, together):
                together.append(paper)
        return sorted(together, key=lambda paper: paper.id)

    def owned_twins(
        self,
        draft: PaperDraft,
        identifiers: frozenset[Identifier],
        owned: Sequence[Paper],
        open_papers: Sequence[Paper],
    ) -> list[Paper]:
        """Those of a team's own papers that are the same as the open ones that a draft is about.

        The team's papers may have any of these `identifiers` of the draft and of the open papers.
        """
        same = self.same(replace(draft, identifiers=identifiers), owned)
        return [paper for paper in same if not self._kept_apart(paper, open_papers)]

    def foreign_identifiers(
        self, same: Sequence[Paper], candidates: Sequence[Paper]
    ) -> frozenset[Identifier]:
        """The identifiers that are not these papers' own: other candidates' ones, and refused ones."""
        others = (paper.identifiers for paper in candidates if paper not in same)
        refused = (self.separated.rejected(paper.id) for paper in same)
        return frozenset[Identifier]().union(*others, *refused)

    def _kept_apart(self, paper: Paper, others: Iterable[Paper]) -> bool:
        return any(self.separated.are_separated(paper.id, each.id) for each in others)
