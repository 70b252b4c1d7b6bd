with answer as (
    select
        bridge.customer_id,
        response.metric,
        response.score,
        response.responded_date,
        row_number() over (
            partition by bridge.customer_id, response.metric
            order by
                response.responded_at desc nulls last, response.response_id asc nulls last,
                response.question_id asc nulls last
        ) as newest_rank
    from {{ ref('fct_survey_response') }} as response
    inner join {{ ref('bridge_record_customer') }} as bridge
        on response.record_id = bridge.record_id and bridge.is_current
    cross join {{ ref('dim_observation') }} as observation
    where response.responded_date <= observation.as_of_date and response.score is not null
)

select
    customer_id,
    {% for metric in ['nps', 'csat', 'ces'] -%}
    count(*) filter (where metric = '{{ metric }}') as {{ metric }}_response_count,
    max(score) filter (where metric = '{{ metric }}' and newest_rank = 1) as last_{{ metric }}_score,
    max(responded_date) filter (where metric = '{{ metric }}') as last_{{ metric }}_date,
    {% endfor -%}
    count(*) as response_count
from answer
group by customer_id
