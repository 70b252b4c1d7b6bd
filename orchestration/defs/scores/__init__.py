"""RFM segments and churn scores."""
