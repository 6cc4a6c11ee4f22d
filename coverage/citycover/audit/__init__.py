"""Where city, law and sight disagree: coverage and gaps."""
