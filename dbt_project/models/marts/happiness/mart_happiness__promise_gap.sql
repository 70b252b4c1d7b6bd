-- Answers by how the delivery that they are about kept its promise. Where a source has no invitations (it knows who
-- answered, not who was asked), an answer after an occasion is about the only order of its record: Olist opens a record
-- for each order.
{%- set buckets = [
    ('3 days early or more', 'days_late <= -3'), ('1 to 2 days early', 'days_late < 0'),
    ('on the day', 'days_late = 0'), ('1 to 3 days late', 'days_late <= 3'), ('4 to 7 days late', 'days_late <= 7'),
    ('more than 7 days late', 'days_late > 7')
] %}

with only_order as (
    select
        record_id,
        min(order_id) as order_id
    from {{ ref('fct_sales_order') }}
    group by record_id
    having count(*) = 1
),

about as (
    select
        response.survey_type,
        response.touchpoint,
        response.metric,
        response.scale_min,
        response.scale_max,
        response.score,
        response.is_favourable,
        coalesce(response.order_id, only_order.order_id) as order_id
    from {{ ref('fct_answer') }} as response
    left join only_order
        on
            response.record_id = only_order.record_id
            and response.invitation_id is null
            and response.survey_type = 'transactional'
    where response.answer_fate = 'counted' and response.metric in ('nps', 'csat', 'ces')
),

delivered as (
    select
        about.*,
        {{ days_between(local_date('sales_order.promised_at'), local_date('sales_order.delivered_at')) }} as days_late
    from about
    inner join {{ ref('fct_sales_order') }} as sales_order on about.order_id = sales_order.order_id
    cross join {{ ref('dim_observation') }} as observation
    where
        sales_order.promised_at is not null
        and {{ local_date('sales_order.delivered_at') }} <= observation.as_of_date
),

sorted as (
    select
        *,
        case
            {%- for name, condition in buckets %}
            when {{ condition }} then {{ loop.index }}
            {%- endfor %}
        end as promise_order
    from delivered
),

cell as (
    select
        survey_type,
        touchpoint,
        metric,
        scale_min,
        scale_max,
        promise_order,
        count(*) as answers,
        sum(case when is_favourable then 1 else 0 end) as favourable,
        cast(sum(cast(round(score * 1000) as bigint)) as double) / count(*) / 1000 as mean_score
    from sorted
    group by survey_type, touchpoint, metric, scale_min, scale_max, promise_order
)

select
    survey_type,
    touchpoint,
    metric,
    scale_min,
    scale_max,
    cast(promise_order as bigint) as promise_order,
    case promise_order
        {%- for name, condition in buckets %}
        when {{ loop.index }} then '{{ name }}'
        {%- endfor %}
    end as promise_kept,
    cast(answers as bigint) as answer_count,
    cast(favourable as bigint) as favourable_count,
    mean_score,
    cast(favourable as double) / answers as favourable_share,
    {{ wilson('favourable', 'answers', 'low') }} as interval_low,
    {{ wilson('favourable', 'answers', 'high') }} as interval_high,
    answers < {{ parameter('minimum_answers') }} as is_suppressed
from cell
