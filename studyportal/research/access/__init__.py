"""Asking for access, and what custody's approval then lets a researcher do. There is no registering oneself."""
