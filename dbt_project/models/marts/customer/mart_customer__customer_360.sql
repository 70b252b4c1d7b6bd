select
    customer.customer_id,
    customer.customer_type,
    customer.country_code,
    customer.region,
    customer.city,
    customer.language_code,
    customer.has_marketing_consent,
    customer.record_count,
    customer.first_seen_date,
    customer.source_systems,
    '{{ parameter("currency_code") }}' as currency_code,
    coalesce(purchase.order_count, 0) as order_count,
    coalesce(purchase.purchase_count, 0) as purchase_count,
    coalesce(purchase.reporting_purchase_count, 0) as reporting_purchase_count,
    -- Like by like: a purchase in another currency adds nothing to the amount.
    cast(purchase.purchase_amount as double) / nullif(purchase.reporting_purchase_count, 0) as mean_purchase_amount,
    cast(coalesce(purchase.net_amount, 0) as decimal(18, 2)) as net_amount,
    cast(coalesce(purchase.return_amount, 0) as decimal(18, 2)) as return_amount,
    cast(coalesce(purchase.shipping_amount, 0) as decimal(18, 2)) as shipping_amount,
    purchase.first_purchase_date,
    purchase.last_purchase_date,
    {{ days_between('purchase.last_purchase_date', 'observation.as_of_date') }} as recency_days,
    coalesce(answer.response_count, 0) as response_count,
    {% for metric in ['nps', 'csat', 'ces'] -%}
    answer.last_{{ metric }}_score,
    answer.last_{{ metric }}_date,
    coalesce(answer.{{ metric }}_response_count, 0) as {{ metric }}_response_count,
    {% endfor -%}
    {% for measure in ['ticket', 'complaint', 'open_ticket', 'interaction', 'campaign_contact', 'campaign_response'] -%}
    coalesce(contact.{{ measure }}_count, 0) as {{ measure }}_count,
    {% endfor -%}
    rfm.rfm_segment,
    churn.churn_probability,
    churn.horizon_days as churn_horizon_days,
    lifetime.alive_probability,
    lifetime.expected_amount,
    lifetime.horizon_days as expected_amount_days,
    lifetime.value_tier,
    observation.as_of_date as observation_date
from {{ ref('dim_customer') }} as customer
cross join {{ ref('dim_observation') }} as observation
left join {{ ref('int_value__customer_purchase') }} as purchase on customer.customer_id = purchase.customer_id
left join {{ ref('int_experience__customer_answer') }} as answer on customer.customer_id = answer.customer_id
left join {{ ref('int_service__customer_contact') }} as contact on customer.customer_id = contact.customer_id
left join {{ ref('mart_segment__rfm') }} as rfm on customer.customer_id = rfm.customer_id
left join {{ ref('mart_prediction__churn_score') }} as churn on customer.customer_id = churn.customer_id
left join {{ ref('mart_value__lifetime') }} as lifetime on customer.customer_id = lifetime.customer_id
