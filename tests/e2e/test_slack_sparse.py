"""Slack's payloads need not have all their fields: everything works without those that are optional."""

import pytest

from tests.e2e.slack_workspace import ADA, BEN, EVE, PAPERS, said, words
from tests.servers.slack.payloads import OPTIONAL


@pytest.fixture(autouse=True)
def sparse(slack):
    slack.sparse = True
    assert sum(map(len, OPTIONAL.values())) > 20


async def test_a_whole_day_without_any_optional_field(workspace):
    card = await workspace.says("show #1")
    await workspace.presses(card, "up", person=BEN)
    await workspace.reacts(card, "+1", person=EVE)
    assert "👍 2" in said(card)
    await workspace.slack.say(ADA, PAPERS, "<@U0BOT> show #3")
    await workspace.settle()
    assert "Seeing Cracks in Bridges" in said(workspace.latest())
    settings = await workspace.says("settings")
    assert "#papers" in said(settings)
    sent = await workspace.slack.message_action(ADA, card, "paperclub.save_paper")
    await sent.acked()
    await workspace.settle()
    assert "is on your reading list" in said(workspace.slack.ephemerals(ADA)[-1])
    await workspace.slack.delete(card)
    await workspace.settle()
    assert "👍 1" in said(await workspace.says("top"))


async def test_a_form_and_the_home_without_the_team_that_installed_the_app(workspace):
    sent = await workspace.slack.command(ADA, PAPERS, "/papers", "subscribe")
    await sent.acked()
    await workspace.settle()
    (form,) = [each for each in workspace.slack.world.views.values() if each.open]
    asked = await workspace.slack.suggest(ADA, form, "paperclub.suggest.timezone", "par")
    await asked.acked()
    assert "Europe/Paris" in str(form.offered)
    sent = await workspace.slack.submit(form, {"topic": "mixture of experts"})
    await sent.acked()
    await workspace.settle()
    assert "mixture of experts" in said(workspace.latest())
    await workspace.slack.open_home(ADA)
    await workspace.settle()
    home = workspace.slack.world.homes[ADA]
    sent = await workspace.slack.press(ADA, home, "paperclub.form")
    await sent.acked()
    await workspace.settle()
    (form,) = [each for each in workspace.slack.world.views.values() if each.open]
    sent = await workspace.slack.submit(form, {"topic": "bridges"})
    await sent.acked()
    await workspace.settle()
    assert "bridges" in words(home.view["blocks"])


async def test_links_are_previewed_without_the_fields_that_came_later(workspace):
    await workspace.says("settings links:on")
    message = await workspace.slack.say(BEN, PAPERS, "https://example.org/experts")
    await workspace.settle()
    answers = [each for each in workspace.slack.messages(PAPERS) if each.thread_ts == message.ts]
    assert "Cheaper Experts" in said(answers[-1])
    before = len(workspace.slack.calls_of("chat.unfurl"))
    await (await workspace.slack.type_link(BEN, "https://arxiv.org/abs/2401.00001")).acked()
    await workspace.settle()
    assert len(workspace.slack.calls_of("chat.unfurl")) == before, "what is still typed is left alone"
