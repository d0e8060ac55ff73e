"""Slack's settings."""

from pydantic import BaseModel, Field, SecretStr


class SlackSettings(BaseModel):
    """Slack's part of the program's settings. A variable is named `PAPERCLUB_` and the field in capitals."""

    slack_bot_token: SecretStr = Field(
        default=SecretStr(""), description="Slack's token of the bot in one workspace, `xoxb-…`."
    )
    slack_app_token: SecretStr = Field(
        default=SecretStr(""), description="Slack's app-level token for Socket Mode, `xapp-…`."
    )
    slack_signing_secret: SecretStr = Field(
        default=SecretStr(""),
        description="What Slack signs its requests with, where they come over HTTP instead of Socket Mode.",
    )
    slack_client_id: str = Field(
        default="", description="The app's client id, where several workspaces install it by OAuth."
    )
    slack_client_secret: SecretStr = Field(
        default=SecretStr(""), description="What belongs to the client id."
    )
    slack_api_url: str = Field(
        default="https://slack.com/api/",
        description="Where Slack is called, or a server that speaks its API.",
    )
