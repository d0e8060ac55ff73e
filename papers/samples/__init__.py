"""The papers that ship with the project, with their vectors."""

import json
from importlib.resources import as_file, files
from zipfile import ZipFile


def vectors(model: str) -> dict[str, bytes]:
    """Return the samples' vectors by text hash, packed as they are stored; nothing for another model."""
    with as_file(files("papers.samples") / "vectors.zip") as path, ZipFile(path) as archive:
        if archive.comment.decode() != model:
            return {}
        return {name: archive.read(name) for name in archive.namelist()}


def first_and_last_title() -> tuple[str, str]:
    """Return two titles by which to tell whether the samples are in, without reading all as papers."""
    lines = (files("papers.samples") / "papers.jsonl").read_text("utf-8").splitlines()
    first, last = (json.loads(line)["title"] for line in (lines[0], lines[-1]))
    return first, last
