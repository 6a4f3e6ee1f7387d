"""Carry withdrawals through: stop, remove, erase. Each step can be done again without harm."""
