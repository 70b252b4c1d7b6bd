{{ quarantined_rows('campaign_contact') }}

union all

{{ quarantined_rows('customer_record') }}

union all

{{ quarantined_rows('interaction') }}

union all

{{ quarantined_rows('lead') }}

union all

{{ quarantined_rows('payment') }}

union all

{{ quarantined_rows('product') }}

union all

{{ quarantined_rows('record_merge') }}

union all

{{ quarantined_rows('sales_order') }}

union all

{{ quarantined_rows('survey_invitation') }}

union all

{{ quarantined_rows('survey_response') }}

union all

{{ quarantined_rows('ticket') }}

union all

{{ quarantined_rows('transaction_line') }}
