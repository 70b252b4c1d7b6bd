-- Contacts of the last year; a customer held out was never contacted and counts apart. A contact keeps only its first
-- response's day and its strongest response: what kind of response was known on a day is not, so none is told here.
with aged_contact as (
    select
        observed.customer_id,
        observed.observation_date,
        contact.arm = 'treatment' as is_contacted,
        contact.arm = 'treatment' and coalesce(contact.responded_date <= observed.observation_date, false)
            as is_answered,
        {{ days_between('contact.contacted_date', 'observed.observation_date') }} as age_days,
        {{ days_between('contact.responded_date', 'observed.observation_date') }} as response_age_days
    from {{ ref('fct_campaign_contact') }} as contact
    inner join {{ ref('int_feature__observed_record') }} as observed
        on contact.record_id = observed.record_id and contact.contacted_date <= observed.observation_date
    where contact.contacted_date > {{ days_after(-365, 'observed.observation_date') }}
)

select
    customer_id,
    observation_date,
    {% for days in [30, 90, 365] -%}
    count(*) filter (where is_contacted and age_days < {{ days }}) as campaign_contact_count_{{ days }}_days,
    count(*) filter (where is_answered and age_days < {{ days }}) as campaign_response_count_{{ days }}_days,
    {% endfor -%}
    count(*) filter (where not is_contacted) as campaign_holdout_count_365_days,
    cast(count(*) filter (where is_answered) as double) / nullif(count(*) filter (where is_contacted), 0)
        as campaign_response_share_365_days,
    min(age_days) filter (where is_contacted) as campaign_contact_recency_days,
    min(response_age_days) filter (where is_answered) as campaign_response_recency_days
from aged_contact
group by customer_id, observation_date
