"""The plan of the made district, how a mapper would draw it, and the files that are written from it."""
