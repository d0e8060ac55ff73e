"""The identifiers that are a BibTeX entry's own.

The fields `doi`, `eprint`, `pmid` and `pmcid`, `howpublished`, a preprint's `journal` and `volume`, and `url`
identify the entry. Those in `note`, `comment`, `annote`, `abstract` and `keywords` may be another paper's.
"""

from collections.abc import Iterator, Mapping

from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier, find_all, names_volume, parse

_IN_VOLUMES = frozenset({"conference", "inbook", "incollection", "inproceedings", "inreference", "suppbook"})
_EPRINTS = {"": "{}", "arxiv": "{}", "hal": "hal:{}", "pubmed": "PMID:{}", "pmid": "PMID:{}", "pmcid": "{}"}
_FIELDS = {
    "doi": "{}",
    "arxivid": "{}",
    "pmid": "PMID:{}",
    "pmcid": "{}",
    "acl": "acl:{}",
    "hal_id": "hal:{}",
    "openreview": "{}",
}
_PREPRINT_JOURNALS = ("arxiv", "corr", "computing research repository")


def own_names(kind: str, fields: Mapping[str, str]) -> list[Identifier]:
    """Return the identifiers of an entry. `kind` is its type, such as `article`; keys are lower case."""
    named = list(_named(fields))
    page = parse(fields.get("url", ""))
    # If another field has an identifier of the same scheme, the URL leads to another paper.
    if page is not None and page.scheme not in {name.scheme for name in named}:
        named.append(page)
    in_volume = kind.lower() in _IN_VOLUMES
    return [name for name in dict.fromkeys(named) if not (in_volume and names_volume(name))]


def _named(fields: Mapping[str, str]) -> Iterator[Identifier]:
    for key, form in _FIELDS.items():
        found = parse(form.format(fields[key])) if fields.get(key) else None
        if found is not None:
            yield found
    registry = (fields.get("archiveprefix") or fields.get("eprinttype") or "").lower()
    found = parse(_EPRINTS[registry].format(fields.get("eprint", ""))) if registry in _EPRINTS else None
    if found is not None:
        yield found
    journal = fields.get("journal") or fields.get("journaltitle") or ""
    if journal.lower().startswith(_PREPRINT_JOURNALS):
        # As Google Scholar and dblp write it: "arXiv preprint arXiv:2406.01234", or CoRR's volume.
        mentioned = find_all(f"{journal} {fields.get('volume', '')}")
        yield from (name for name in mentioned[:1] if name.scheme is Scheme.ARXIV)
    published = find_all(fields.get("howpublished", ""))
    if len(published) == 1:
        yield published[0]
