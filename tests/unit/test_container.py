import json
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.cli import cli
from app.roles import Role
from app.settings import Settings

ROOT = Path(__file__).parents[2]
INSTRUCTIONS = [
    (found[1], " ".join(found[2].split()))
    for found in re.finditer(
        r"^([A-Z]+)\s+(.+)$", re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text()), re.MULTILINE
    )
]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
BOTS = [name for name, service in SERVICES.items() if service["image"] == "paperclub"]
VARIABLES = {f"PAPERCLUB_{name.upper()}" for name in Settings.model_fields}


def told(instruction: str) -> list[str]:
    return [rest for name, rest in INSTRUCTIONS if name == instruction]


def copied() -> list[str]:
    """Give the paths that come out of the repository, not out of the first stage."""
    lines = [line.split() for line in told("COPY") if not line.startswith("--from=")]
    return [path.rstrip("/") for *paths, _ in lines for path in paths]


def admitted() -> list[str]:
    """Give the patterns of what the image may be built from."""
    lines = (ROOT / ".dockerignore").read_text().split()
    return [line.removeprefix("!") for line in lines if line.startswith("!")]


def test_what_is_copied_exists_and_is_not_ignored() -> None:
    for path in copied():
        assert (ROOT / path).exists()
        assert any(fnmatch(path, pattern) for pattern in admitted())


def test_every_package_is_copied() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) < set(copied())


def test_the_image_has_the_versions_that_the_tests_have() -> None:
    assert "constraints.txt" in copied()
    (install,) = [rest for rest in told("RUN") if "/pip install" in rest]
    assert install.endswith("--constraint constraints.txt .")


def test_the_last_of_two_stages_runs_as_a_numbered_user_who_is_not_root() -> None:
    names = [name for name, _ in INSTRUCTIONS]
    last_stage = INSTRUCTIONS[len(names) - 1 - names[::-1].index("FROM") :]
    (user,) = [rest for name, rest in last_stage if name == "USER"]
    assert len(told("FROM")) == 2
    assert int(user.split(":")[0]) > 0
    assert f"--uid {user.split(':')[0]} " in " ".join(rest for _, rest in last_stage)


def test_the_image_starts_a_command_that_exists() -> None:
    program, *arguments = json.loads(told("CMD")[-1])
    assert program == "paperclub"
    assert arguments[0] in {command.name or command.callback.__name__ for command in cli.registered_commands}


def test_the_data_folder_is_a_volume() -> None:
    (environment,) = told("ENV")
    assert f"PAPERCLUB_DATA_DIR={told('VOLUME')[0]}" in environment.split()
    assert SERVICES["bot"]["volumes"] == [f"data:{told('VOLUME')[0]}"]


@contextmanager
def answering(status: HTTPStatus) -> Iterator[int]:
    """Answer at /healthz alone, and give the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz" else HTTPStatus.NOT_FOUND)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def health_check(port: int) -> int:
    (check,) = told("HEALTHCHECK")
    program, *arguments = json.loads(check[check.index("[") :])
    assert program == "python"
    run = subprocess.run(
        [sys.executable, *arguments],
        env={"PAPERCLUB_PORT": str(port)},
        capture_output=True,
        check=False,
    )
    return run.returncode


@pytest.mark.parametrize(
    ("status", "code"), [(HTTPStatus.OK, 0), (HTTPStatus.SERVICE_UNAVAILABLE, 1), (HTTPStatus.NOT_FOUND, 1)]
)
def test_the_health_check_tells_what_the_bot_answers(status: HTTPStatus, code: int) -> None:
    with answering(status) as port:
        assert health_check(port) == code


def test_the_health_check_fails_where_nothing_listens() -> None:
    with answering(HTTPStatus.OK) as port:
        pass
    assert health_check(port) == 1


def test_settings_given_to_the_bot_exist() -> None:
    in_image = {name for line in told("ENV") for name in re.findall(r"\bPAPERCLUB_\w+", line)}
    assert in_image.union(*(SERVICES[name]["environment"] for name in BOTS)) <= VARIABLES


def test_other_settings_are_taken_from_a_file_that_is_kept_out_of_everything() -> None:
    assert SERVICES["bot"]["env_file"] == [{"path": ".env", "required": False}]
    assert ".env" in (ROOT / ".gitignore").read_text().split()
    assert not any(fnmatch(".env", pattern) for pattern in admitted())


def test_every_secret_has_to_be_given() -> None:
    text = (ROOT / "compose.yaml").read_text()
    secrets = re.findall(r"\$\{(\w*PASSWORD)([^}]*)\}", text)
    assert {name for name, _ in secrets} == {"PAPERCLUB_DATABASE_PASSWORD", "PAPERCLUB_REDIS_PASSWORD"}
    assert all(rule.startswith(":?") for _, rule in secrets)


@pytest.mark.parametrize("bot", BOTS)
def test_the_bot_waits_for_healthy_servers(bot: str) -> None:
    waits = SERVICES[bot]["depends_on"]
    assert set(waits) == set(SERVICES) - set(BOTS)
    for name, rule in waits.items():
        assert rule == {"condition": "service_healthy"}
        assert SERVICES[name]["healthcheck"]["test"]


def test_without_being_asked_one_process_does_everything_and_others_have_each_role() -> None:
    assert [name for name in BOTS if "profiles" not in SERVICES[name]] == ["bot"]
    commands = {name: SERVICES[name].get("command") for name in BOTS}
    assert commands.pop("bot") is None, "it does what the image does"
    for name, command in commands.items():
        assert command == ["paperclub", "run", "--role", Role(name)]
        assert SERVICES[name]["profiles"] == ["scale"]
    assert SERVICES["worker"]["deploy"]["replicas"] > 1
    # On Discord each gateway has shards of its own, which settings have to say.
    assert "deploy" not in SERVICES["gateway"]


def test_a_worker_is_not_given_what_events_come_in_with() -> None:
    given = SERVICES["worker"]["environment"]
    unused = {name for name, value in given.items() if value == ""}
    assert unused == {
        "PAPERCLUB_SLACK_APP_TOKEN",
        "PAPERCLUB_SLACK_SIGNING_SECRET",
        "PAPERCLUB_SLACK_CLIENT_SECRET",
    }
    assert set(SERVICES["bot"]["environment"]) == set(given) - unused


@pytest.mark.parametrize("name", SERVICES)
def test_services_cannot_gain_rights_or_write_beside_their_volumes(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert "no-new-privileges:true" in service["security_opt"]
    assert "ports" not in service
    assert {volume.split(":")[0] for volume in service.get("volumes", ())} <= set(COMPOSE["volumes"])
