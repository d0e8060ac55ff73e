"""What whoever runs the bot can choose about the web page."""

from pydantic import BaseModel, Field, SecretStr


class WebSettings(BaseModel):
    """A part of the program's settings; each is the variable `PAPERCLUB_` and its name in capitals."""

    web_slack_client_id: str = Field(
        default="",
        description="The client id of a Slack app by which people sign in to the web page. It needs "
        "PAPERCLUB_PUBLIC_URL. Empty: they sign in by a code.",
    )
    web_slack_client_secret: SecretStr = Field(
        default=SecretStr(""), description="What belongs to that client id."
    )
    web_slack_url: str = Field(
        default="https://slack.com", description="Where Slack asks people whether they sign in."
    )
    web_discord_client_id: str = Field(
        default="",
        description="The client id of a Discord application with which people sign in to the web page.",
    )
    web_discord_client_secret: SecretStr = Field(
        default=SecretStr(""), description="What belongs to that client id."
    )
    web_discord_url: str = Field(
        default="https://discord.com", description="Where Discord asks people whether they sign in."
    )
