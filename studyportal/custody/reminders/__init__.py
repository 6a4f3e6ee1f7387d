"""Remind participants who asked for it, without content: that the study has something for them, and where."""
