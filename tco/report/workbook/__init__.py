"""The workbook: one scenario as a spreadsheet that calculates (docs/workbook.md)."""

from __future__ import annotations

import io
from datetime import datetime

from tco.report.workbook.bends_sheet import write_bends
from tco.report.workbook.content import STYLES, Sheet, content_of
from tco.report.workbook.inputs_sheet import write_inputs, write_sources
from tco.report.workbook.months_sheet import write_months
from tco.report.workbook.results_sheets import write_check, write_options, write_summary
from tco.scenario import Scenario
from tco.version import __version__

SHEETS = {
    "Summary": write_summary,
    "Inputs": write_inputs,
    "Months": write_months,
    "Bends": write_bends,
    "Options": write_options,
    "Sources": write_sources,
    "Check": write_check,
}
_SETTINGS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


def workbook(scenario: Scenario) -> bytes:
    """One scenario as an XLSX file: inputs, both ledgers and all results as live formulas [USD].

    Every cell holds its formula and the value that Python worked out. The same scenario gives the
    same bytes. InputError as for `breakeven()`, for a table of scenarios, and for a currency
    without its rate. docs/workbook.md says what the sheets hold.

    >>> from tco.scenario import Scenario
    >>> workbook(Scenario(gpu="L4"))[:2]
    b'PK'
    """
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

    class Plain(Worksheet):  # type: ignore[misc]
        """Formulas as they are, which is faster: none has a function of newer spreadsheets."""

        def _prepare_formula(self, formula: str, *_: object) -> str:
            return formula.removeprefix("=")

    content, file = content_of(scenario), io.BytesIO()
    book = Workbook(file, _SETTINGS)
    # It is dated by the scenario, never by the clock.
    day = datetime.fromisoformat(content.scenario.values()["as_of"])
    facts = {"title": "Rent or buy", "comments": f"tco {__version__}", "created": day}
    book.set_properties(facts)
    styles = {name: book.add_format(look) for name, look in STYLES.items()}
    for name in SHEETS:
        book.add_worksheet(name, Plain)
    for name, write in SHEETS.items():
        write(Sheet(book, book.get_worksheet_by_name(name), styles), content)
    book.close()
    return file.getvalue()
