"""Lead somebody in: the enrolment code, the screening if the study has one, and six fresh words. Keeps nothing."""
