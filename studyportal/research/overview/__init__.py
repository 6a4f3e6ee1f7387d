"""The first page of a project: what its snapshot holds."""
