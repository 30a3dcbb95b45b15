"""What MiniStack leaves out or does otherwise, added through AWS's public APIs."""
