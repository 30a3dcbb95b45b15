"""Aliases of the local stack's functions."""

from ops.aliases import lead_to_functions


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
