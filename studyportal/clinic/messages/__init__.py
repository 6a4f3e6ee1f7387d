"""Messages with a site's participants: the inbox tells who wrote, the reading desk opens what it says."""
