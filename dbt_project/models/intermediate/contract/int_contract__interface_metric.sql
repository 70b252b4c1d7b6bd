{{ contract_union('interface_metric') }}
