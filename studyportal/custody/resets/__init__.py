"""Custody's part in new words: count the day by its own clock, then wrap a participant's seeds to their new key."""
