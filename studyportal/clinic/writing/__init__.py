"""What staff write about a participant: the protocol's forms for the clinic, and diaries taken by phone. Sealed at
once."""
