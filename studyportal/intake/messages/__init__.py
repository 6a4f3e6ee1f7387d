"""Write to the clinic and read what it answers. Opened with the reader's own key, for one page."""
