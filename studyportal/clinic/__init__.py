"""Show a site its own participants, how regularly their entries come, and whom to call. Never answers: no key is
here."""
