"""Show a site its own participants and how regularly their entries come. Dates, never answers: no key is here."""
