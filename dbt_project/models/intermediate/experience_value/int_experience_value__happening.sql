{{ config(materialized='view') }}

select
    record_id,
    referred_date as happened_date,
    1 as referral_count,
    0 as ticket_count,
    cast(null as date) as ended_date,
    false as is_subscription
from {{ ref('fct_referral') }}
union all
select
    record_id,
    opened_date as happened_date,
    0 as referral_count,
    1 as ticket_count,
    null as ended_date,
    false as is_subscription
from {{ ref('fct_ticket') }}
union all
select
    record_id,
    started_date as happened_date,
    0 as referral_count,
    0 as ticket_count,
    ended_date,
    true as is_subscription
from {{ ref('fct_subscription') }}
