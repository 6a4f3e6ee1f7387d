"""Hold the keys: open for those who may, take identity away, publish snapshots, carry withdrawals through.

Custody is the only room that can open entries at rest. What leaves it has lost names, dates and free text.
"""
