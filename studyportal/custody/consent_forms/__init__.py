"""Put a version of the consent form into force: one custodian proposes it, another one decides."""
