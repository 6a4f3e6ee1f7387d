"""The safety alerts of a site: which wait, and who has taken them on. How pressing, never what was answered."""
