"""The calculation of ekonomiskt bistånd (normberäkning): pure, without Django or a database.

Start at `engine.calculate`; the input is `household.Household`, the output `result.Result`. Amounts are
Decimal kronor with at most two decimals. Figures and citations are data in `../data`, chosen by the month.
"""
