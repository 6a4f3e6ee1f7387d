"""Keep what researchers ask for, hold and make. No row here tells of a participant."""
