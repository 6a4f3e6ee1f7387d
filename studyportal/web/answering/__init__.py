"""Ask an instrument's questions as a form and read what comes back, for whichever room asks: pages of participants, and
of staff who fill in what the protocol asks of them. Knows no database and keeps nothing."""
