"""Answers written down: tables, CSV files, charts."""
