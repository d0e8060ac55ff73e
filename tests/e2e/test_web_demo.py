"""The page for trying out: whoever is at this computer is signed in, and nobody else."""

import httpx
import pytest
from starlette.applications import Starlette

from adapters.console.user import ConsoleUser
from app.doors import web_page
from app.web import account_of
from tests.e2e.conftest import World


@pytest.fixture
async def application(world: World, settings):
    account = await account_of(world.parts, ConsoleUser("ada"))
    assert account == await account_of(world.parts, ConsoleUser("ada"))
    await world.person("ada").says("save #1")
    return Starlette(routes=[*web_page(settings, world.parts, account)])


async def shown(application: Starlette, host: str) -> httpx.Response:
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
        return await client.get("/me", follow_redirects=True)


async def test_the_person_at_the_console_is_signed_in(application):
    page = await shown(application, "127.0.0.1:8080")
    assert "<h1>ada</h1>" in page.text
    assert "Cheaper Experts at Serving Time" in page.text


async def test_a_site_whose_name_leads_here_meets_a_visitor(application):
    page = await shown(application, "evil.example")
    assert page.url.path == "/sign-in"
    assert "ada" not in page.text
