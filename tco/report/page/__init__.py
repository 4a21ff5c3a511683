"""The decision sheet: one page of HTML for the person who decides."""

from tco.report.page.sheet import page

__all__ = ["page"]
