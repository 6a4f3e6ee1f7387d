"""Publish snapshots: from opened entries to signed, sealed files on the shelf, and the lists that go with them."""
