"""The stack on this machine: `ops up`, `run`, `down`, and the processes they start."""
