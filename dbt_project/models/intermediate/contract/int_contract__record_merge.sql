{{ contract_union('record_merge') }}
