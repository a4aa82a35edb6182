"""Measures what the README quotes: ``python -m benchmark`` (or ``make bench``)."""
