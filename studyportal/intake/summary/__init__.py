"""Print somebody's own diary as a paper for their next visit to a doctor. Made in a request of theirs and kept
nowhere."""
