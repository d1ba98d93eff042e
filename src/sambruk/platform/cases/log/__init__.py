"""The pages of the log: the review by staff, and what a resident sees of who has read.

The log itself stands far below. Its pages stand here, since a person's log is also that of their cases.
"""
