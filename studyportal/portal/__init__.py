"""Put the building up: settings, keys, databases, processes, the command line. The only part that knows every room."""
