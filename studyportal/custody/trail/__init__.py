"""The audit trail, for custodian and auditor: read it, and check that nobody changed it."""
