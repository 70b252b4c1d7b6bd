"""Lifetime value: what customers are expected to bring, judged on their last year."""
