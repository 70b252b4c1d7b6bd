{{ contract_union('transaction_line') }}
