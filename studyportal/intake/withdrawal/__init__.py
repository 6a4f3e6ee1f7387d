"""Leave, in the strength that one wants: stop, remove or erase."""
