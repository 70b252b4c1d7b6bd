-- One row per eligible customer and cut. Every feature reads facts of days up to and including the cut.
select
    eligible.customer_id,
    eligible.observation_date,
    eligible.is_churned,
    purchase.recency_days,
    tenure.tenure_days,
    purchase.purchase_count,
    {% for days in [30, 60, 90, 180, 365] -%}
    purchase.purchase_count_{{ days }}_days,
    {% endfor -%}
    -- Three months' share of the year's purchases: 0.25 is steady, 1 is new or growing, 0 is fading.
    cast(purchase.purchase_count_90_days as double) / nullif(purchase.purchase_count_365_days, 0)
        as purchase_trend_share,
    purchase.mean_gap_days,
    purchase.sd_gap_days,
    purchase.recency_days / nullif(purchase.mean_gap_days, 0) as recency_to_gap_ratio,
    purchase.late_delivery_count_90_days,
    amount.sale_amount / nullif(purchase.reporting_purchase_count, 0) as mean_purchase_amount,
    {% for days in [30, 90, 180, 365] -%}
    coalesce(amount.sale_amount_{{ days }}_days, 0) as sale_amount_{{ days }}_days,
    {% endfor -%}
    amount.sale_amount_90_days / nullif(amount.sale_amount_365_days, 0) as sale_trend_share,
    coalesce(amount.discount_share_365_days, 0) as discount_share_365_days,
    coalesce(amount.return_line_count_365_days, 0) as return_line_count_365_days,
    coalesce(amount.return_amount_365_days, 0) as return_amount_365_days,
    coalesce(category.category_count, 0) as category_count,
    {% for feature in [
        'ticket_count_90_days', 'complaint_count_90_days', 'open_ticket_count', 'interaction_count_30_days',
        'web_count_90_days', 'app_count_90_days', 'store_count_90_days', 'phone_count_90_days', 'email_count_90_days'
    ] -%}
    coalesce(contact.{{ feature }}, 0) as {{ feature }},
    {% endfor -%}
    coalesce(campaign.campaign_contact_count_90_days, 0) as campaign_contact_count_90_days,
    coalesce(campaign.campaign_response_count_90_days, 0) as campaign_response_count_90_days,
    answer.last_scaled_score,
    answer.mean_scaled_score_365_days,
    coalesce(answer.low_score_count_90_days, 0) as low_score_count_90_days
from {{ ref('int_churn__eligible_customer') }} as eligible
inner join {{ ref('int_feature__purchase') }} as purchase
    on eligible.customer_id = purchase.customer_id and eligible.observation_date = purchase.observation_date
inner join {{ ref('int_feature__tenure') }} as tenure
    on eligible.customer_id = tenure.customer_id and eligible.observation_date = tenure.observation_date
left join {{ ref('int_feature__amount') }} as amount
    on eligible.customer_id = amount.customer_id and eligible.observation_date = amount.observation_date
left join {{ ref('int_feature__category') }} as category
    on eligible.customer_id = category.customer_id and eligible.observation_date = category.observation_date
left join {{ ref('int_feature__contact') }} as contact
    on eligible.customer_id = contact.customer_id and eligible.observation_date = contact.observation_date
left join {{ ref('int_feature__campaign') }} as campaign
    on eligible.customer_id = campaign.customer_id and eligible.observation_date = campaign.observation_date
left join {{ ref('int_feature__answer') }} as answer
    on eligible.customer_id = answer.customer_id and eligible.observation_date = answer.observation_date
