"""Lists of customers back to the systems that work with them: who is left out, what a list must be, what changed.

Rows in, rows out; where they come from and go to is in `orchestration.exporting`.
"""
