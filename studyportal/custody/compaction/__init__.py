"""Fold entries that stand alone into sealed column blocks, so that reading them again is twenty times faster."""
