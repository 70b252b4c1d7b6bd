"""What every model shares, whatever it foretells: rows, cuts in time, metrics, calibration, files, card, replacement.

A question (churn, lead scores, ...) brings its label, its population, its features, its tables and its words; it
names its columns in feature_rows.Columns. Here an outcome is positive or negative and a row is a row.

Public interface:
    feature_rows.Columns(unit, date, label), feature_rows.labelled_rows(...), .rows_to_score(...), .content_id(...)
    time_cuts.check_separation(...), .cut_by_time(...) -> Cuts | Refusal, .refuse_outcomes(...), .refuse_features(...)
    trees.fit(...), .raw_predictions(...), .gain_shares(...): LightGBM, the same to the bit
    baseline.Baseline, .fit_curve(...), .raw_probability(...): the outcome by one feature, to be beaten
    calibration.choose_calibration(raw, labels, *, seed) -> ChosenCalibration
    metrics.compare_auc(...), .average_precision(...), .brier_score(...), .lift_top_decile(...)
    reliability.calibration_error(labels, probabilities, *, seed) -> observed, by chance, its 95th percentile
    reliability.reliability_table(...), .calibration_line(...)
    evaluation.evaluate(labels, probabilities, *, model, baseline, published, seed) -> Evaluation
    model_files.save(plain, booster_text, directory), .load(directory, build): whole, or ModelFileError
    card.trained_parts(...), and the Markdown of its parts
    register.entered(register, outcome), .standing(register), .current_model(register)
    replacement.decide(current, candidate) -> Decision(action, reason): keep, replace or refuse

LightGBM, scikit-learn and scipy are imported inside the functions that need them: they cost seconds.
"""
