"""Bot Framework: the messaging endpoint, which a person enters, and the package for Teams."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

from channels.botframework.connector import MULTI_TENANT, login, login_url
from channels.botframework.tokens import LEEWAY, OPENID_METADATA_URL
from channels.errors import CredentialsError, PlatformUnavailable, RateLimited
from ops.findings import Findings
from ops.platforms.api import AdminApi, Call, Refused, Unreachable, document
from ops.platforms.botframework.teams_package import package
from ops.platforms.platform import Action, Platform, Verb, instruct

PACKAGE = "teams-app.zip"


class BotFramework(Platform):
    """A bot that is registered with Microsoft."""

    name: ClassVar[str] = "botframework"
    title: ClassVar[str] = "Bot Framework"
    signature_window: ClassVar[float] = float(LEEWAY)

    @cached_property
    def api(self) -> AdminApi:
        """Microsoft's published keys: the one part that needs no rights in Azure."""
        url = str(self.settings.get("openid_metadata_url") or OPENID_METADATA_URL)
        return AdminApi("Microsoft", url)

    def actions(self) -> list[Action]:
        """The endpoint by hand, and Teams' package."""
        app_id = str(self.settings.get("app_id") or "")
        content = package(app_id, self.bot.webhook_url)
        return [
            instruct(
                f"Azure portal > your Azure Bot > Configuration > Messaging endpoint: "
                f"{self.bot.webhook_url}, or `az bot update --name BOT --resource-group GROUP "
                f"--endpoint {self.bot.webhook_url}`; for a bot of the Teams CLI `teams app update "
                f"APP --endpoint {self.bot.webhook_url}`"
            ),
            Action(Verb.WRITE, "the Teams app's package", file=(PACKAGE, content)),
            instruct(
                f"Teams: upload {PACKAGE} at Teams > Apps > Manage your apps > Upload an app > "
                "Upload a custom app; before that Azure Bot > Channels > Microsoft Teams"
            ),
        ]

    def removals(self) -> list[Action]:
        """The endpoint by hand."""
        return [instruct("Clear it: Azure portal > your Azure Bot > Configuration")]

    def examine(self, findings: Findings) -> None:
        """Whether the bot can log in, and Microsoft's keys can be had."""
        self._log_in(findings)
        answer = self.api.call(Call("GET", ""))
        if document(answer).get("jwks_uri"):
            findings.ok("Microsoft's keys can be had")
        else:
            findings.error(
                f"Microsoft's keys cannot be had: status {answer.status}",
                "Leave 'openid_metadata_url' out, or correct it.",
            )
        findings.ok(
            "the messaging endpoint is told by Microsoft's portals only; it must be "
            f"{self.bot.webhook_url}"
        )

    def _log_in(self, findings: Findings) -> None:
        settings = self.settings
        tenant = str(settings.get("app_tenant_id") or MULTI_TENANT)
        url = str(settings.get("token_url") or login_url(tenant))
        try:
            login(url, str(settings.get("app_id")), str(settings.get("app_password")))
        except CredentialsError as error:
            mend = (
                "Make a new client secret: Azure portal > your Azure Bot > Configuration > Manage "
                "Password, or where else the bot was registered."
            )
            raise Refused(str(error), mend) from error
        except (PlatformUnavailable, RateLimited) as error:
            raise Unreachable(f"Microsoft's login: {error}", "Try again in a minute.") from error
        findings.ok("Microsoft accepts 'app_id' and 'app_password'")
