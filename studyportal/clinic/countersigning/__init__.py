"""A clinician of the site signs a consent besides the participant, where the study document asks for it."""
