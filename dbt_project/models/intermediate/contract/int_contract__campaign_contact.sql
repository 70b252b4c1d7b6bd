{{ contract_union('campaign_contact') }}
