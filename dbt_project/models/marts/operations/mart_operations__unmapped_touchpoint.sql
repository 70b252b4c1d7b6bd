-- Texts of sources that the catalogue lacks, and kinds of events and channels that it gives no touchpoint.
select
    entity,
    event_type,
    coalesce(touchpoint, 'none') as touchpoint,
    coalesce(channel, 'none') as channel,
    count(*) as event_count,
    min(occurred_date) as first_date,
    max(occurred_date) as last_date
from {{ ref('fct_customer_event') }}
where stage = 'unmapped'
group by entity, event_type, coalesce(touchpoint, 'none'), coalesce(channel, 'none')
