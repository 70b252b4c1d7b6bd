{{ contract_union('sales_order') }}
