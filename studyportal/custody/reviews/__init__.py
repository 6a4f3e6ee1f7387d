"""Decide on what a project wants to open beyond its ledger: allow exactly that, once, with a signature, or refuse."""
