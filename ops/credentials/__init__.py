"""`ops credentials`: a stack's credentials in the parameter store."""
