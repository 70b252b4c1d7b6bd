{{ contract_union('consent_event') }}
