"""The decision sheet: one page of HTML for the person who decides."""

from tco.report.sheet.sheet import page

__all__ = ["page"]
