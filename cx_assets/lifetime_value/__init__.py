"""What customers will still bring: purchases and amounts ahead, how likely each is still a customer, contracts.

Public interface:
    lifetimes.customer_lifetimes(customers, contracts, *, rules) -> Lifetimes(customers, models)
    purchasing.BgNbd, purchasing.ParetoNbd, spending.GammaGamma, contracts.ShiftedBetaGeometric: the models
    tables.CUSTOMER_LIFETIME, tables.LIFETIME_MODEL: the declared tables
"""
