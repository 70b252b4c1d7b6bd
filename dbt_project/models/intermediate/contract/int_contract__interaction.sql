{{ contract_union('interaction') }}
