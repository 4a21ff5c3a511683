"""The workbook: one scenario as a spreadsheet that calculates (docs/workbook.md)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from xml.sax.saxutils import escape

from tco.report.workbook.accounting_sheet import write_accounting
from tco.report.workbook.check_sheet import write_check
from tco.report.workbook.content import Filled, Sheet, content_of
from tco.report.workbook.growing import growing
from tco.report.workbook.inputs_sheet import write_inputs
from tco.report.workbook.lines_sheet import write_lines
from tco.report.workbook.months_sheet import write_months
from tco.report.workbook.options_sheet import write_options
from tco.report.workbook.sources_sheet import write_sources
from tco.report.workbook.styles import STYLES
from tco.report.workbook.summary_sheet import write_summary
from tco.scenario import Scenario
from tco.version import __version__

# The sheets in their order: Check is last, as it holds what the others put by.
SHEETS = {
    "Summary": write_summary,
    "Inputs": write_inputs,
    "Lines": write_lines,
    "Months": write_months,
    "Options": write_options,
    "Accounting": write_accounting,
    "Sources": write_sources,
    "Check": write_check,
}
_SETTINGS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


@growing()
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
        """Formulas as they are, which is faster: none has a function of newer spreadsheets.

        Those that were filled down a column are shared, which XlsxWriter does not know.
        """

        def _prepare_formula(self, formula: str, *_: object) -> str:
            return formula if isinstance(formula, Filled) else formula.removeprefix("=")

        def _xml_formula_element(
            self, formula: str, result: object, attributes: Sequence[tuple[str, object]] = ()
        ) -> None:
            look = "".join([f' {name}="{value}"' for name, value in attributes])
            shared = formula.shared if isinstance(formula, Filled) else ""
            said = escape(result) if isinstance(result, str) else result
            text = escape(formula.removeprefix("=") if shared else formula)
            self.fh.write(f"<c{look}><f{shared}>{text}</f><v>{said}</v></c>")

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
        write(Sheet(book, book.get_worksheet_by_name(name), styles, content.stamp), content)
    book.close()
    return file.getvalue()
