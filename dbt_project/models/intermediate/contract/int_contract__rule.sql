{{ contract_rule_rows() }}
