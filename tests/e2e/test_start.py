"""`paperclub chat` starts without the libraries that only other work needs."""

import os
import subprocess
import sys

HEAVY = {
    "alembic",  # once the database is up to date
    "asyncpg",  # without PostgreSQL
    "bibtexparser",
    "cryptography",
    "discord",
    "ftfy",  # while nothing is taken in
    "hishel",
    "httpx",  # until something is fetched
    "onnxruntime",  # until something is encoded
    "prometheus_client",
    "pylatexenc",
    "redis",  # without a Redis address
    "sentence_transformers",
    "slack_bolt",
    "starlette",
    "torch",
}
PROGRAM = """
import sys
from app.start import main

sys.argv = ["paperclub", "chat", "--script", sys.argv[1]]
try:
    main()
except SystemExit as end:
    print("ended with", end.code)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_help_on_a_console_imports_nothing_that_it_does_not_need(tmp_path):
    (tmp_path / "script").write_text("help\n", encoding="utf-8")
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "script")]
    environment = {**os.environ, "PAPERCLUB_DATA_DIR": str(tmp_path / "data"), "PAPERCLUB_DATABASE_URL": ""}
    said = ""
    for _ in ("the samples are taken in", "they are there"):
        said = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True, timeout=120
        ).stdout
    assert "Find papers" in said
    assert "ended with 0" in said
    assert not HEAVY & set(said.splitlines()[-1].split())
