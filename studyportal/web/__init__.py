"""The shell of a room: headers, logs, access rules, refusals, sign-in, forms and the look.

Every room is made by `make_room`. Nothing here knows a store or what a study asks.
"""
