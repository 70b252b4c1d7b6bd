"""Probabilistic matching of customer records: misspelt duplicates of persons and companies.

Public interface:
    settings.LinkageSettings: what a company may choose
    pairs.linked_pairs(con, records, settings, model) -> Linkage(pairs, model, report)
    pairs.linked_pairs_of_new(con, records, new_record_ids, model, settings) -> Linkage
    standardise.standardise(records, settings) -> comparable columns
    clusters.clusters(standard, pairs, cannot_link, sources_without_duplicates) -> Clusters(labels, refused)

Exact identifiers are joined in cx_assets.identity.matching; ids that last are given in resolution.
"""
