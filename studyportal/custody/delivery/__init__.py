"""Mail to staff, without content: that something waits, and where. Refuses anything else."""
