"""Jobbstimulans: when a person has it. Six months of support in a row give 24 months from then.

Source: prop. 2012/13:94; soctanter.malmo.se 10017; IFAU 224/2022; Ale kommun. That a new qualification is
counted only from months after a period has ended is unverified.
"""

from __future__ import annotations

from collections.abc import Collection

from sambruk.common.month import Month
from sambruk.systems.financial_assistance.calculation.errors import CalculationError, MissingFigure
from sambruk.systems.financial_assistance.calculation.fields import MonthPeriod
from sambruk.systems.financial_assistance.calculation.law import job_stimulus_rule


def job_stimulus_periods(granted: Collection[Month]) -> tuple[MonthPeriod, ...]:
    """Return a person's periods of jobbstimulans, in order.

    `granted` are the months for which the person was granted försörjningsstöd. A month that is missing,
    refused or not applied for, breaks the row. The period begins the month after the sixth and runs even if
    the person supports themselves meanwhile. Months before the rule existed do not count.
    """
    periods: list[MonthPeriod] = []
    run = 0
    previous: Month | None = None
    for month in sorted(set(granted)):
        if periods and month in periods[-1]:
            run, previous = 0, None
            continue
        try:
            rule = job_stimulus_rule(month)
        except MissingFigure:
            continue
        run = run + 1 if previous is not None and month == previous + 1 else 1
        previous = month
        if run == rule.months_to_qualify:
            periods.append(MonthPeriod(start=month + 1, end=month + rule.months_of_stimulus))
            run, previous = 0, None
    return tuple(periods)


def job_stimulus_in(granted: Collection[Month], month: Month) -> MonthPeriod | None:
    """Return the period of jobbstimulans that holds in a month, or None."""
    return next((period for period in job_stimulus_periods(granted) if month in period), None)


def check_period(period: MonthPeriod) -> MonthPeriod:
    """Return a period that somebody typed. Raises CalculationError if it is reversed or too long."""
    if period.end < period.start:
        raise CalculationError("Perioden med jobbstimulans slutar före sin början.")
    longest = job_stimulus_rule(period.start).months_of_stimulus
    if period.start.months_until(period.end) >= longest:
        raise CalculationError(f"En period med jobbstimulans är högst {longest} månader.")
    return period
