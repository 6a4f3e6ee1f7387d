"""Set what is printed: PDF pages, deterministic, with every text escaped."""
