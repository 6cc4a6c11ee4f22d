"""What the regulation says."""
