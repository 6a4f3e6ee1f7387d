"""Show a study document as participants and clinicians would meet it. Nothing is stored: there is no database here."""
