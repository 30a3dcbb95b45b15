"""The composition root: the only package that knows both AWS and everything else."""
