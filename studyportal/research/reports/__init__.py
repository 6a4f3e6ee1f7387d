"""Reports: papers about a cohort, made in the background, signed by the room. Protected numbers only."""
