"""Keep who is enrolled, what they agreed to, and their sealed entries. Nothing here can read an answer."""
