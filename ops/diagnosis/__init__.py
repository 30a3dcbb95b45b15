"""What `ops doctor` looks at, one module a part: the stack, its address, the agent, a channel."""
