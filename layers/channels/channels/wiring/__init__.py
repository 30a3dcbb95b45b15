"""The composition root: the only room that knows both AWS and everything else."""
