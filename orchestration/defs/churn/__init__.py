"""The churn model and its scores."""
