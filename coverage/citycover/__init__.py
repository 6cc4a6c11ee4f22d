"""Coverage audits and construction plans for public-safety video systems of Chinese cities."""
