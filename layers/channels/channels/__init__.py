"""Rasa's channel classes and connectors, for AWS Lambda.

`channel` holds the contract, one module per channel holds a connector, `webhook` makes a Lambda
handler of a connector, `agents` holds what answers, `aws` is all that talks to AWS. Nothing is
imported here: each Lambda loads its own channel's module only, which is what keeps its start short.
"""
