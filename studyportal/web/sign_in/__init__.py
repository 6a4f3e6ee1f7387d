"""Let staff in: accounts, passphrases, a limit on tries, sessions that the server can end."""
