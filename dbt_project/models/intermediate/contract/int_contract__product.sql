{{ contract_union('product') }}
