"""Start the command line by ``python -m citycover``."""

from citycover.cli import main

main()
