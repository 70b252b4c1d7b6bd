{{ contract_union('payment') }}
