"""Decide on researchers' requests: approve for a purpose until a day, refuse with a reason, end."""
