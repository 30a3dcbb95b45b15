"""Everything that talks to AWS.

`signing` and `json_api` are the small client of the ack path, which cannot afford boto3's start
(ADR 4); all else uses boto3.
"""
