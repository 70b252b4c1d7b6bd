{{ contract_counts('campaign_contact') }}

union all

{{ contract_counts('customer_record') }}

union all

{{ contract_counts('interaction') }}

union all

{{ contract_counts('lead') }}

union all

{{ contract_counts('payment') }}

union all

{{ contract_counts('product') }}

union all

{{ contract_counts('record_merge') }}

union all

{{ contract_counts('sales_order') }}

union all

{{ contract_counts('survey_invitation') }}

union all

{{ contract_counts('survey_response') }}

union all

{{ contract_counts('ticket') }}

union all

{{ contract_counts('transaction_line') }}
