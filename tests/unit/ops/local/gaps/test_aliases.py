"""Aliases of the local stack's functions."""

from ops.local.gaps.aliases import lead_integrations_to_functions, lead_to_functions


class Lambda:
    """Functions with an alias each; those in `configs` have settings of asynchronous calls."""

    def __init__(self, configs):
        self.versions = {"f": "7", "g": "3"}
        self.configs = configs

    def list_aliases(self, FunctionName):
        return {"Aliases": [{"Name": "live", "FunctionVersion": self.versions[FunctionName]}]}

    def update_alias(self, FunctionName, Name, FunctionVersion):
        assert Name == "live"
        self.versions[FunctionName] = FunctionVersion

    def list_function_event_invoke_configs(self, FunctionName):
        own = [arn for arn in self.configs if arn.split(":")[1] == FunctionName]
        return {
            "FunctionEventInvokeConfigs": [
                {
                    "FunctionArn": arn,
                    "MaximumRetryAttempts": self.configs[arn],
                    "MaximumEventAgeInSeconds": 60,
                }
                for arn in own
            ]
        }

    def put_function_event_invoke_config(
        self,
        FunctionName,
        MaximumRetryAttempts,
        MaximumEventAgeInSeconds,
    ):
        assert MaximumEventAgeInSeconds == 60
        self.configs[f"arn:{FunctionName}"] = MaximumRetryAttempts


def test_every_alias_leads_to_its_function():
    client = Lambda({})
    lead_to_functions(client, ["f", "g"])
    assert client.versions == {"f": "$LATEST", "g": "$LATEST"}


def test_the_function_gets_its_alias_s_retries_also_when_they_change():
    client = Lambda({"arn:f:live": 0})
    lead_to_functions(client, ["f", "g"])
    assert client.configs == {"arn:f:live": 0, "arn:f": 0}
    client.configs["arn:f:live"] = 1
    lead_to_functions(client, ["f", "g"])
    assert client.configs == {"arn:f:live": 1, "arn:f": 1}


class Api:
    """A WebSocket API's integrations."""

    def __init__(self, uris):
        self.uris = dict(enumerate(uris))
        self.updates = 0

    def get_integrations(self, ApiId):
        return {
            "Items": [
                {"IntegrationId": number, "IntegrationUri": uri}
                for number, uri in self.uris.items()
            ]
        }

    def update_integration(self, ApiId, IntegrationId, IntegrationUri):
        self.updates += 1
        self.uris[IntegrationId] = IntegrationUri


def test_routes_of_sockets_lead_past_the_alias():
    start = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1"
    function = f"{start}:000000000000:function:f"
    api = Api([f"{function}:live/invocations", f"{function}/invocations"])
    for _ in range(2):
        lead_integrations_to_functions(api, "api")
    assert set(api.uris.values()) == {f"{function}/invocations"}
    assert api.updates == 1
