{{ contract_union('subscription') }}
