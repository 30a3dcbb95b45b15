"""What replies: the agent protocol, the choice of the agent (`agent`), and the built-in agents."""
