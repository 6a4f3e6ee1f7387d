"""Claim a code, sign in with six words, and see and end one's own sessions."""
