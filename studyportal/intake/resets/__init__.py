"""New six words with a code from the clinic, and the notice by which a participant can stop that."""
