"""The model as functions of a spreadsheet: LibreOffice Calc, and Excel through xlwings."""
