"""Lets `python -m shrinkwatch` do what `shrinkwatch` does."""

from shrinkwatch.run.cli import main

if __name__ == "__main__":
    main()
