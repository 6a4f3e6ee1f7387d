"""Say what is due, take an entry by form or JSON, seal it and give a receipt."""
