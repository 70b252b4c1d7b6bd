"""Groups of customers that are treated alike.

Public interface:
    rfm.rfm_scores(purchases, *, as_of, bins=5) -> one row per customer
    tables.CUSTOMER_RFM: the declaration of scores.customer_rfm
"""
