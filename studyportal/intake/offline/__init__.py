"""Keep the diary on a phone that has no network: what the phone is given before, and what it sends afterwards."""
