"""Which items of the state table functions reach, by the beginning of their keys."""


def test_only_the_worker_reaches_every_item_of_the_state_table(functions):
    unbound = {
        name
        for name, function in functions.items()
        for policy in function["Policies"]
        for statement in policy.get("Statement", [])
        if statement["Resource"] == {"Fn::GetAtt": ["StateTable", "Arn"]}
        and not (
            statement.get("Condition", {})
            .get("ForAllValues:StringLike", {})
            .get("dynamodb:LeadingKeys")
        )
    }
    assert unbound == {"ConversationFunction"}


def test_no_policy_template_gives_the_whole_table(functions):
    given = {
        kind
        for function in functions.values()
        for policy in function["Policies"]
        for kind in policy
        if kind != "Statement"
    }
    assert given == {"LambdaInvokePolicy", "SQSPollerPolicy", "SQSSendMessagePolicy"}
