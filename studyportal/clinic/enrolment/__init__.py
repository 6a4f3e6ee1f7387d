"""Bring people into the study: codes and open links of the own site, and the log of how many came how far."""
