"""What customers answer: rules of counting, weights, change, drivers and the happiness index.

Counting is set work and lies in dbt (core.fct_answer, marts/experience); here is what needs a model or a simulation.
"""
