"""What AWS allows of Bedrock is allowed on the local stack, in MiniStack's words."""

import json

from ops.local.gaps.model_rights import allow_converse_stream

MODELS = ["arn:aws:bedrock:us-east-1::foundation-model/a"]


class Iam:
    """One policy, attached to two roles."""

    def __init__(self, *actions):
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": MODELS}
        self.document = {"Version": "2012-10-17", "Statement": [statement]}
        self.inline = {}

    def get_policy(self, PolicyArn):
        return {"Policy": {"DefaultVersionId": f"{PolicyArn} v3"}}

    def get_policy_version(self, PolicyArn, VersionId):
        assert VersionId == f"{PolicyArn} v3"
        return {"PolicyVersion": {"Document": self.document}}

    def list_entities_for_policy(self, PolicyArn):
        return {"PolicyRoles": [{"RoleName": "rest"}, {"RoleName": "worker"}]}

    def put_role_policy(self, RoleName, PolicyName, PolicyDocument):
        self.inline[RoleName, PolicyName] = json.loads(PolicyDocument)["Statement"]


def test_the_same_models_for_the_same_roles():
    client = Iam("bedrock:InvokeModelWithResponseStream")
    allow_converse_stream(client, "arn:policy")
    allowed = [{"Effect": "Allow", "Action": "bedrock:ConverseStream", "Resource": MODELS}]
    assert client.inline == {
        ("rest", "ConverseStream"): allowed,
        ("worker", "ConverseStream"): allowed,
    }


def test_what_aws_would_refuse_is_not_allowed_here():
    client = Iam("bedrock:InvokeModel")
    allow_converse_stream(client, "arn:policy")
    assert all(statements == [] for statements in client.inline.values())
