"""Pollers of FIFO queues on the local stack."""

from ops.local.gaps.pollers import MOST, add_companions, fifo_mappings

PROCESSED = {
    "Resources": {
        "Fifo": {"Type": "AWS::SQS::Queue", "Properties": {"FifoQueue": True}},
        "Standard": {"Type": "AWS::SQS::Queue", "Properties": {}},
        "FromFifo": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {"EventSourceArn": {"Fn::GetAtt": ["Fifo", "Arn"]}},
        },
        "FromStandard": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {"EventSourceArn": {"Fn::GetAtt": ["Standard", "Arn"]}},
        },
    }
}


class Lambda:
    """Lambda's event source mappings, in a dict."""

    def __init__(self, concurrency):
        self.mappings = {
            "own": {
                "UUID": "own",
                "FunctionArn": "f",
                "EventSourceArn": "q",
                "BatchSize": 3,
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
                "ScalingConfig": {"MaximumConcurrency": concurrency},
            }
        }
        self.made = 0

    def get_event_source_mapping(self, UUID):
        return self.mappings[UUID]

    def list_event_source_mappings(self, FunctionName, EventSourceArn):
        assert (FunctionName, EventSourceArn) == ("f", "q")
        return {"EventSourceMappings": list(self.mappings.values())}

    def delete_event_source_mapping(self, UUID):
        del self.mappings[UUID]

    def create_event_source_mapping(self, **settings):
        self.made += 1
        uuid = f"made-{self.made}"
        self.mappings[uuid] = {"UUID": uuid, "FunctionArn": settings["FunctionName"], **settings}


def test_only_mappings_of_fifo_queues_need_companions():
    resources = {"FromFifo": "one", "FromStandard": "two"}
    assert fifo_mappings(PROCESSED, resources) == ["one"]


def test_a_mapping_gets_companions_like_itself_and_no_more_when_done_again():
    client = Lambda(concurrency=50)
    for _ in range(2):
        assert add_companions(client, "own") == MOST
        assert len(client.mappings) == MOST
    companions = [each for uuid, each in client.mappings.items() if uuid != "own"]
    assert {each["BatchSize"] for each in companions} == {3}
    assert all(each["FunctionResponseTypes"] == ["ReportBatchItemFailures"] for each in companions)


def test_the_templates_own_limit_is_kept():
    client = Lambda(concurrency=2)
    assert add_companions(client, "own") == 2
    assert len(client.mappings) == 2
