"""Make the signed PDF of a consent, for its signer to keep."""
