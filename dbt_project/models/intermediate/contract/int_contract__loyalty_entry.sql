{{ contract_union('loyalty_entry') }}
