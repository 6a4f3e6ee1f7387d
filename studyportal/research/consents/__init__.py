"""Consent records for researchers: who agreed to what and who left, in protected numbers by study week."""
