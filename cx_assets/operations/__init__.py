"""The platform's account of itself: what a run reads, what was loaded and refused, how far each feed is complete.

The tables are declared in tables.yml; `orchestration` fills them.
"""
