"""The documentation as a site: what `make docs` runs beside MkDocs."""
