"""The clinics that enrol: their names, and whom each wants mailed when an alert waits. No participant is in it."""
