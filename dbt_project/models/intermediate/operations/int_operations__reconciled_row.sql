-- Every landed row of the tables that company.yml reconciles, and what became of it.
{{ reconciled_rows() }}
