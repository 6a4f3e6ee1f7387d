"""Custody's keys, and opening what they open. Nothing here writes an answer anywhere."""
