"""What the users of each platform do, and what its server answers: one module a platform."""
