{{ contract_union('survey_response') }}
