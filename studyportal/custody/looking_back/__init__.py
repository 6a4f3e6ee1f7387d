"""Alerts that hang on former entries: intake cannot read those, so custody looks when an entry has come."""
