"""Decide on researchers' requests: approve all or part until a day, refuse with a reason; suspend, renew and end."""
