"""`python -m jepa_ros …`: the command line without installation."""

from jepa_ros.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
