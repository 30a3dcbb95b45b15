"""Faults at every step of a turn: nothing is lost, doubled or reordered."""
