"""Make a fresh instance of synthetic people that behaves like a real one, and show the rooms at work.

Real keys, real consent records, real seals; only the people are not. It never listens outside loopback.
"""
