"""The state table (DynamoDB): the turn journal, keys and values, conversations, captures."""
