{{ contract_union('customer_record') }}
