"""One signed call to an AWS service, without boto3: signing, keys, connections, endpoints."""
