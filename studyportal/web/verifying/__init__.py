"""Let anybody who holds a paper ask whether it is ours and unaltered. Nothing that is sent is kept."""
