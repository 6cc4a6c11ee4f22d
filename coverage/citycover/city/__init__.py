"""The city as it is."""
