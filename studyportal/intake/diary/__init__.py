"""Take an entry by form or JSON, seal it and give a receipt. Nothing here can open it again."""
