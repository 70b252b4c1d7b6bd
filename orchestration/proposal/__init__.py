"""A first `company.yml` and staging SQL for a new company, worked out from its files or tables.

`files` and `databases` find what there is, `scan` and `moments` tell types and formats from the values, `synonyms` and
`entities` which contract a table fills, `staging`, `recipes` and `company_file` put it into words, `proposing` ties
them together. What the data do not tell is written as a comment that begins with DECIDE.
"""
