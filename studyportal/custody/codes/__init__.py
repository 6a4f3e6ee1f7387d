"""Issue the codes with which people enrol. A code is shown once and kept as a hash."""
