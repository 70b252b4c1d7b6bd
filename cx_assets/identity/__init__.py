"""Who is who: records of people and companies become customers with persistent ids.

Deterministic today, behind the interface that probabilistic linkage will fill.

Public interface:
    resolution.resolve(records, previous, *, identifiers, default_country, must_link, known_at,
        snapshot_sequence, snapshot_id) -> Resolution(record_customer, ledger, customer_redirect, summary)
    matching.match(records, *, identifiers, default_country, must_link) -> Match(edges, ...)
    matching.connected_components(record_ids, edges) -> component label per record
    tables.RECORD_CUSTOMER, tables.LEDGER, tables.CUSTOMER_REDIRECT: the declared tables

`record_customer` and `customer_redirect` replace their tables whole. `ledger` holds the events of this
snapshot only: delete the rows of the same snapshot_sequence, then append. The three are written in one
transaction, otherwise a crash between them loses the events of a change that is already in the table.
"""
