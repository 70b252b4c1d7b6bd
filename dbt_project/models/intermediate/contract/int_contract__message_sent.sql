{{ contract_union('message_sent') }}
