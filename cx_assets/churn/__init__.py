"""The probability that a customer falls silent within a stated horizon, and how far to trust it.

Here is the question: label, population, features, tables and the words of its card. How probabilities are fitted,
calibrated, judged, kept in files and replaced is the same for every question and lies in cx_assets.prediction.

Public interface:
    training.train(features, *, observation_date, horizon_days, eligible_days, seed=...)
        -> TrainedChurn | NotTrained                        (features: all cuts, labelled and not)
    scoring.score(model, features, *, snapshot_id, snapshot_sequence) -> scores.customer_churn rows
                                                            (features: rows of the scoring date only)
    model_files.save(model, directory) -> Path; model_files.load(directory) -> TrainedChurn
    tables.churn_model_row(outcome, *, observation_date, is_current=True) -> one row
    tables.reliability_rows(outcome) -> ten rows; none for NotTrained
    tables.CHURN_MODEL, tables.CHURN_RELIABILITY, tables.CUSTOMER_CHURN: the declared tables
    cuts.COLUMNS, cuts.LABEL, cuts.RECENCY: names of the columns that are no features, and of the baseline's feature
    card.card_markdown(card) -> text for people

Both outcomes carry model_id and status ("trained" or "not_trained"); NotTrained carries reason.
"""
