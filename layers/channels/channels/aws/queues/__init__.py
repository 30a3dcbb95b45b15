"""SQS queues: the inbox, the outbox, delayed checks, and the worker of a FIFO queue."""
