"""What drives satisfaction, and how satisfied customers are: drivers, the happiness index, single customers.

Public interface:
    drivers.driver_models(ratings, ...) -> shares of the target's variance by touchpoint, per segment
    index.happiness_index(ratings, weights, ...) -> index per period and cut
    customers.customer_happiness(ratings, weights, ...) -> one row per customer
    tables.TABLES: the declarations of what they hand to the warehouse
"""
