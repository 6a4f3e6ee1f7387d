"""Entries given over entries due, for a site's participants."""
