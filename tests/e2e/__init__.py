"""End-to-end tests on local stacks; a folder that has one is a package, whose fixture it is."""
