"""Turn a snapshot and a cohort into what a researcher sees: protected tables, their pictures, and a sentence on each.
No pages.

The sets of people come from `statistics`, the numbers from the disclosure engine, and nothing else passes: an interval
is worked out from protected numbers too. What a snapshot cannot tell is said in the finding that would need it.
"""
