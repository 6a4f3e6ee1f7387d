"""Pause the diary for a while, and go on: nothing is asked meanwhile, and nothing is refused."""
