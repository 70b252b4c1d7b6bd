{{ contract_union('employee_answer') }}
