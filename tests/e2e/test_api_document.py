"""Requests made from the OpenAPI document, and what they are answered."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as thorough
from schemathesis import checks

from app.http.server import served
from tests.e2e.program_teams import PUBLIC_URL, Teams

API = "/api/v1"


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"public_url": PUBLIC_URL})


@pytest.fixture
async def teams(scene, settings, clock, open_world) -> AsyncIterator[Teams]:
    async with scene.again(settings, clock, open_world) as teams:
        yield teams


# The server in the other thread draws random numbers while hypothesis looks at the state of `random`.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("signed_in", [True, False])
async def test_any_request_that_the_document_allows_is_answered_as_it_says(
    teams: Teams, *, signed_in: bool
) -> None:
    async with served("127.0.0.1", 0, teams.app.routes) as port:
        headers = {"Authorization": f"Bearer {teams.ours.token}"} if signed_in else {}
        await asyncio.to_thread(_explore, f"http://127.0.0.1:{port}", headers)


def _explore(address: str, headers: dict[str, str]) -> None:
    schema = schemathesis.openapi.from_url(f"{address}{API}/openapi.json")
    checked = [
        checks.not_a_server_error,
        *(
            checks.CHECKS.get_one(name)
            for name in (
                "status_code_conformance",
                "content_type_conformance",
                "response_schema_conformance",
                "negative_data_rejection",
            )
        ),
    ]
    operations = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        operations += 1

        @thorough(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(case=operation.as_strategy())
        def explore(case) -> None:
            response = case.call(base_url=address, headers=headers)
            case.validate_response(response, checks=checked)

        explore()
    assert operations == 20
