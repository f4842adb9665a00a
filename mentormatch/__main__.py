"""`python -m mentormatch` is the same as `mentormatch`."""

from mentormatch.cli import main

main()
