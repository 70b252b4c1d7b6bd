{{ contract_union('ticket') }}
