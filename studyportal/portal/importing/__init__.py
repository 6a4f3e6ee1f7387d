"""Take the entries of an earlier study out of a CSV file, through the ordinary path.

The file is read and checked whole before anything is written; every value is placed or listed with a reason.
"""
