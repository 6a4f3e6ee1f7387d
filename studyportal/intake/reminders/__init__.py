"""Choose to be reminded, by mail, in a browser or in a calendar. Off until somebody turns it on."""
