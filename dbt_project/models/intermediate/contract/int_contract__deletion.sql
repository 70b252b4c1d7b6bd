{{ config(materialized='incremental', incremental_strategy='append') }}

with deletion as (
    {{ deletion_rows('campaign_contact') }}

    union all

    {{ deletion_rows('customer_record') }}

    union all

    {{ deletion_rows('interaction') }}

    union all

    {{ deletion_rows('lead') }}

    union all

    {{ deletion_rows('payment') }}

    union all

    {{ deletion_rows('product') }}

    union all

    {{ deletion_rows('record_merge') }}

    union all

    {{ deletion_rows('sales_order') }}

    union all

    {{ deletion_rows('survey_invitation') }}

    union all

    {{ deletion_rows('survey_response') }}

    union all

    {{ deletion_rows('ticket') }}

    union all

    {{ deletion_rows('transaction_line') }}
)

select
    cast(deletion.entity as string) as entity,
    cast(deletion.row_key as string) as row_key,
    cast(deletion.leading_key as string) as leading_key,
    cast(deletion.source_system as string) as source_system,
    cast(deletion.load_id as string) as load_id,
    cast(deletion.load_sequence as bigint) as load_sequence,
    cast(snapshot.snapshot_sequence as bigint) as snapshot_sequence
from deletion
cross join {{ source('run', 'snapshot') }} as snapshot
