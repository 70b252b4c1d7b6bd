{{ core_counts('campaign_contact', 'fct_campaign_contact') }}

union all

-- A record is in the core when it has exactly one current customer there.
select
    'customer_record' as entity,
    record.source_system,
    count(*) as core_row_count
from {{ ref('bridge_record_customer') }} as bridge
inner join {{ ref('int_identity__current_record') }} as record on bridge.record_id = record.record_id
where bridge.is_current
group by record.source_system

union all

{{ core_counts('interaction', 'fct_interaction') }}

union all

{{ core_counts('lead', 'fct_lead') }}

union all

{{ core_counts('payment', 'fct_payment') }}

union all

{{ core_counts('product', 'dim_product') }}

union all

{{ core_counts('record_merge', 'bridge_record_merge') }}

union all

{{ core_counts('sales_order', 'fct_sales_order') }}

union all

{{ core_counts('survey_invitation', 'fct_survey_invitation') }}

union all

{{ core_counts('survey_response', 'fct_survey_response') }}

union all

{{ core_counts('ticket', 'fct_ticket') }}

union all

{{ core_counts('transaction_line', 'fct_transaction_line') }}
