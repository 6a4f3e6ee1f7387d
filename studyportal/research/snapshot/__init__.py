"""One published snapshot as the research room holds it: its codebook, its people as sets, its diaries by week."""
