{{ contract_union('survey_invitation') }}
