"""The pages of the diary: what is wanted now, and the forms. Here meet what is taken in and what its writer may
open."""
