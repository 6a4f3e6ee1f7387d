"""One person's entries, opened by whoever may, in the words of the study and laid out for a page or a paper. Pure."""
