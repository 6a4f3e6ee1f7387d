"""Keep wrapped keys, and which subject a participant becomes. Nothing here can unwrap a key."""
