"""Who is who: records of people and companies become customers with persistent ids.

Public interface:
    evidence.weigh(con, records, kept, decisions, *, settings, ...) -> Evidence(edges, labels, refused, kept, ...)
    resolution.resolve(evidence, previous, *, known_at, snapshot_sequence, snapshot_id) -> Resolution(tables, summary)
    matching.match, matching.connected_components: exact identifiers, and groups of what is joined
    linkage: misspelt duplicates, with learnt weights
    stewardship: explanations, lives of ids, and the sheet by which people decide
    tables: the declared tables

`ledger` and `match_count` hold what one snapshot found: delete the rows of the same snapshot_sequence, then
append. The other tables are replaced whole. All are written in one transaction, otherwise a crash between them loses
the events of a change that is already in the table.
"""
