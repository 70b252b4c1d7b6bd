"""The probability that a customer falls silent within a stated horizon, and how far to trust it.

Public interface:
    training.train(features, *, observation_date, horizon_days, eligible_days, seed=...)
        -> TrainedChurn | NotTrained                        (features: all cuts, labelled and not)
    scoring.score(model, features, *, snapshot_id) -> scores.customer_churn rows
                                                            (features: rows of the scoring date only)
    model_files.save(model, directory) -> Path; model_files.load(directory) -> TrainedChurn
    tables.churn_model_row(outcome, *, observation_date, is_current=True) -> one row
    tables.reliability_rows(outcome) -> ten rows; none for NotTrained
    tables.CHURN_MODEL, tables.CHURN_RELIABILITY, tables.CUSTOMER_CHURN: column -> SQL type
    card.card_markdown(card) -> text for people

Both outcomes carry model_id and status ("trained" or "not_trained"); NotTrained carries reason.
LightGBM is imported inside the functions that need it: it costs more than a second.
"""
