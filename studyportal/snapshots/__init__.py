"""Keep the numbered, signed, sealed snapshots that custody publishes. No row here tells who somebody is."""
