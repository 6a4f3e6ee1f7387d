"""The clinic's home page: who of the own site needs something today, and what first. Opens nothing."""
