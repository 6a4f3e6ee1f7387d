"""The safety alerts of a site: which wait, in whose hands they are, what was done and how each ended."""
