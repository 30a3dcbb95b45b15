"""Reading a stack: where it is, what it consists of, what its table, queues and logs hold."""
