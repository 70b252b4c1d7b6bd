-- The first moment of a customer and kind, then the first that lies far enough after the one before it, and so on: the
-- outcome's days for answers, of which no two outcomes share a day; the least days of silence for parcels and
-- purchases, of which many are bad for few. Which are taken does not depend on what came of them.
{% set next_after -%}
min(moment_date) over (
            partition by customer_id, moment_kind
            order by moment_date asc nulls last
            range between interval 'DAYS' day following and unbounded following
        )
{%- endset -%}
with recursive following as (
    select
        *,
        case
            when moment_kind in ('nps', 'csat')
                then {{ next_after.replace('DAYS', parameter('experience_value_outcome_days') | string) }}
            else {{ next_after.replace('DAYS', parameter('experience_value_silent_days') | string) }}
        end as next_moment_date,
        row_number() over (partition by customer_id, moment_kind order by moment_date asc nulls last) as moment_rank,
        coalesce(
            max(case when is_bad then 1 else 0 end) over (
                partition by customer_id, moment_kind
                order by moment_date asc nulls last
                range between interval '{{ parameter("experience_value_outcome_days") }}' day preceding
                and interval '1' day preceding
            ),
            0
        ) = 1 as had_bad_before
    from {{ ref('int_experience_value__moment') }}
),

kept as (
    select
        customer_id,
        moment_kind,
        moment_date,
        next_moment_date
    from following
    where moment_rank = 1
    union all
    select
        following.customer_id,
        following.moment_kind,
        following.moment_date,
        following.next_moment_date
    from kept
    inner join following
        on
            kept.customer_id = following.customer_id
            and kept.moment_kind = following.moment_kind
            and kept.next_moment_date = following.moment_date
)

select
    following.customer_id,
    following.moment_kind,
    following.moment_date,
    following.known_until_date,
    following.score_share,
    following.is_bad,
    following.had_bad_before,
    following.channel,
    following.late_order_count
from following
inner join kept
    on
        following.customer_id = kept.customer_id
        and following.moment_kind = kept.moment_kind
        and following.moment_date = kept.moment_date
