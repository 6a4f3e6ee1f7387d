"""Releases: what leaves the building. One pipeline, one package, checked twice and signed; free text and dates
never."""
