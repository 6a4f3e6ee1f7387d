"""One participant's course for a clinician with four minutes, opened through the reading desk."""
