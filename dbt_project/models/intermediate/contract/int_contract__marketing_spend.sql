{{ contract_union('marketing_spend') }}
