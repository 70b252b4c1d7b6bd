{{ config(materialized='incremental', incremental_strategy='append') }}

with departure as (
    {{ departed_rows('campaign_contact') }}

    union all

    {{ departed_rows('consent_event') }}

    union all

    {{ departed_rows('employee_answer') }}

    union all

    {{ departed_rows('exit_interview') }}

    union all

    {{ departed_rows('interaction') }}

    union all

    {{ departed_rows('interface_metric') }}

    union all

    {{ departed_rows('lead') }}

    union all

    {{ departed_rows('loyalty_entry') }}

    union all

    {{ departed_rows('marketing_spend') }}

    union all

    {{ departed_rows('message_sent') }}

    union all

    {{ departed_rows('payment', 'order_id', 'paid_at') }}

    union all

    {{ departed_rows('referral') }}

    union all

    {{ departed_rows('sales_order', 'order_id', 'ordered_at') }}

    union all

    {{ departed_rows('subscription') }}

    union all

    {{ departed_rows('survey_invitation', none, 'invited_at') }}

    union all

    {{ departed_rows('survey_response', 'invitation_id', 'responded_at') }}

    union all

    {{ departed_rows('ticket') }}

    union all

    {{ departed_rows('transaction_line', 'order_id', 'occurred_at') }}
)

select
    cast(departure.entity as string) as entity,
    cast(departure.row_key as string) as row_key,
    cast(departure.leading_key as string) as leading_key,
    cast(departure.parent_key as string) as parent_key,
    cast(departure.happened_at as timestamp) as happened_at,
    cast(snapshot.snapshot_sequence as bigint) as snapshot_sequence
from departure
cross join {{ source('run', 'snapshot') }} as snapshot
