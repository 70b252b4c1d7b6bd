{{ contract_union('exit_interview') }}
