"""Ask for more than the ledger holds, see what became of it, and open what custody allowed."""
