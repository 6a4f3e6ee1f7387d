"""The custodian's first page: what waits."""
