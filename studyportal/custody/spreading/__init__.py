"""Spread work over processes: those of this machine, or those of a scheduler that custody's settings name."""
