"""Count exactly what is there, against what should be. For the custodian's eyes: exact numbers never leave here."""
