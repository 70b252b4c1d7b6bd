"""Great Expectations at the borders, as blocking asset checks. dbt's own tests run with the models."""
