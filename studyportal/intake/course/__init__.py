"""Give people back what they wrote. The only place in intake that opens, and only with the reader's own key."""
