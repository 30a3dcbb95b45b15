"""Pollers of FIFO queues on the local stack.

AWS takes as many batches of a FIFO queue at once as it has message groups, up to the mapping's
MaximumConcurrency. MiniStack takes one at a time through each event source mapping, so that one
slow conversation would hold up all others: here each mapping is given companions through Lambda's
public API. A group stays with one batch at a time, by the queue itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_MAPPING = "AWS::Lambda::EventSourceMapping"

#: Batches of a FIFO queue taken at once: enough to see conversations run side by side on two cores.
MOST = 8


def fifo_mappings(processed: Mapping[str, Any], resources: Mapping[str, str]) -> list[str]:
    """The ids of a processed template's event source mappings of FIFO queues."""
    declared: Mapping[str, Any] = processed["Resources"]

    def reads_fifo(mapping: Mapping[str, Any]) -> bool:
        source = mapping["Properties"].get("EventSourceArn")
        name = source["Fn::GetAtt"][0] if isinstance(source, dict) else None
        return bool(name and declared[name]["Properties"].get("FifoQueue"))

    return [
        resources[name]
        for name, resource in declared.items()
        if resource["Type"] == _MAPPING and reads_fifo(resource)
    ]


def add_companions(client: LambdaClient, mapping_id: str) -> int:
    """Give a mapping its companions, made anew; gives how many batches are then taken at once."""
    mapping = client.get_event_source_mapping(UUID=mapping_id)
    function, source = mapping["FunctionArn"], mapping["EventSourceArn"]
    siblings = client.list_event_source_mappings(FunctionName=function, EventSourceArn=source)
    for sibling in siblings["EventSourceMappings"]:
        if sibling["UUID"] != mapping_id:
            client.delete_event_source_mapping(UUID=sibling["UUID"])
    wanted = min(mapping.get("ScalingConfig", {}).get("MaximumConcurrency", MOST), MOST)
    for _ in range(wanted - 1):
        client.create_event_source_mapping(
            FunctionName=function,
            EventSourceArn=source,
            BatchSize=mapping["BatchSize"],
            FunctionResponseTypes=mapping.get("FunctionResponseTypes", []),
        )
    return wanted
