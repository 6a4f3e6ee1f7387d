"""One published snapshot as the research room holds it, and the page that says what it is."""
