"""Read the consent form, choose its scopes, and sign it with the passphrase."""
