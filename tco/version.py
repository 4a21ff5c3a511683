"""Versions that every export carries."""

__version__ = "0.2.0"

# Changes whenever the same inputs and data can give another number.
MODEL_VERSION = "5"

# Changes whenever a column, key or row of an export changes its name, order or meaning.
SCHEMA_VERSION = 8
