"""Help a participant who lost their six words: two members of staff, a day's delay, a code that works once."""
