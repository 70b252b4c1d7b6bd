with purchase_day as (
    select
        observed.customer_id,
        observed.observation_date,
        sales_order.purchase_date,
        {{ days_between('sales_order.purchase_date', 'observed.observation_date') }} as age_days,
        count(*) as purchase_count,
        count(*) filter (where sales_order.has_reporting_amount) as reporting_purchase_count,
        count(*) filter (
            where
            sales_order.is_late
            and sales_order.delivered_date <= observed.observation_date
            and sales_order.delivered_date > {{ days_after(-90, 'observed.observation_date') }}
        ) as late_delivery_count
    from {{ ref('int_sales__order') }} as sales_order
    inner join {{ ref('int_feature__observed_record') }} as observed
        on sales_order.record_id = observed.record_id and sales_order.purchase_date <= observed.observation_date
    where {{ was_purchase_on('sales_order', 'observed.observation_date') }}
    group by observed.customer_id, observed.observation_date, sales_order.purchase_date
),

purchase_gap as (
    select
        *,
        {{ days_between(
            'lag(purchase_date) over (partition by customer_id, observation_date order by purchase_date asc nulls last)',
            'purchase_date'
        ) }} as gap_days
    from purchase_day
)

select
    customer_id,
    observation_date,
    min(age_days) as recency_days,
    cast(sum(purchase_count) as bigint) as purchase_count,
    cast(sum(reporting_purchase_count) as bigint) as reporting_purchase_count,
    {% for days in [30, 60, 90, 180, 365] -%}
    cast(coalesce(sum(purchase_count) filter (where age_days < {{ days }}), 0) as bigint)
        as purchase_count_{{ days }}_days,
    {% endfor -%}
    cast(sum(late_delivery_count) as bigint) as late_delivery_count_90_days,
    -- From sums of whole days, which are exact in any order: a running variance would differ from run to run.
    cast(sum(gap_days) as double) / nullif(count(gap_days), 0) as mean_gap_days,
    sqrt(
        (
            cast(sum(gap_days * gap_days) as double)
            - cast(sum(gap_days) as double) * cast(sum(gap_days) as double) / nullif(count(gap_days), 0)
        ) / nullif(count(gap_days) - 1, 0)
    ) as sd_gap_days
from purchase_gap
group by customer_id, observation_date
