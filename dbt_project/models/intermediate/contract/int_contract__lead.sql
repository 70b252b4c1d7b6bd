{{ contract_union('lead') }}
