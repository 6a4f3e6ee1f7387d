"""Join with a code and six words, sign in with them, and see and end one's own sessions."""
