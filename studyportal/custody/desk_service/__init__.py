"""Custody's side of the reading desk: who may read what, for which purpose, how often; then it opens."""
