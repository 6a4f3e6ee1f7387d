"""The people who work in the rooms: who has an account, who is invited, whose account ends. No participant is in it."""
