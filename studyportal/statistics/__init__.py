"""Statistics of people over study weeks: columns in, cells out. Pure; nothing here is protected, and nothing here
reaches a page.

**Places.** Every person has a place, a whole number from 0, and columns hold one row per answer: `person` (places),
`day` or `week`, `value`. What comes out is an array over all places for each cell of a table: numbers with NaN for who
has none, or True for who is in it. So each person counts once in a cell, however often they wrote, and disclosure
control gets sets of people and one number for each.

**Estimates** are the same cells summed up without protection: for tests, for references, for who may see them.

Only NumPy is needed, also for models and survival curves; tests hold them against statsmodels.
"""
