{{ contract_union('referral') }}
