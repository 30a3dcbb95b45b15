"""Everything that talks to AWS.

`client` is the small AWS client of webhooks, which must start faster than boto3 does (ADR 4);
everything else uses boto3.
"""
