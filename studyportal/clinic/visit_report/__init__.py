"""The paper of one visit: what the reading desk opened, set as a PDF, certified by custody, kept nowhere here."""
