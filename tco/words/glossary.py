"""The words of finance that every answer uses, each in a sentence: sheet and workbook."""

from __future__ import annotations

# In the order in which a reader meets them.
GLOSSARY = {
    "Present value": "what a later payment is worth today at the discount rate.",
    "NPV": "net present value, which is the present value of what buying saves over renting.",
    "Discount rate": "yearly return that the money could earn elsewhere at the same risk.",
    "Break-even": "value of one input at which both sides cost the same, all others held constant.",
    "Payback": "month from which buying stays ahead in present values, before any resale.",
    "IRR": "internal rate of return, the discount rate at which buying and renting cost the same.",
    "MIRR": "IRR with savings reinvested at the discount rate; never more than one value.",
    "Equivalent annual cost": "level yearly amount with the same present value.",
    "Per busy GPU-hour": "levelized cost: a side's present value over its discounted busy hours.",
    "P10 to P90": "range that one future in ten falls below, and one in ten exceeds.",
}
