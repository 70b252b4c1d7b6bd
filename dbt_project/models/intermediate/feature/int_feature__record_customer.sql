-- Which customer a record belonged to on a day, as it was known then: a merge made because the customer came back
-- would otherwise leak the label. Before anything was known of a record, its first customer counts; on the observation
-- date the present one does, also where the data end years before they were loaded.
with knowledge as (
    select
        record_id,
        customer_id,
        is_current,
        {{ local_date('known_from_at') }} as known_from_date,
        {{ local_date('known_to_at') }} as known_to_date,
        row_number() over (
            partition by record_id
            order by known_from_at asc nulls last, known_to_at asc nulls last, customer_id asc nulls last
        ) as knowledge_rank
    from {{ ref('bridge_record_customer') }}
)

select
    knowledge.record_id,
    knowledge.customer_id,
    case
        when knowledge.knowledge_rank = 1 then cast('1900-01-01' as date)
        else least(knowledge.known_from_date, observation.as_of_date)
    end as from_date,
    case
        when knowledge.is_current then cast('9999-12-31' as date)
        else least(knowledge.known_to_date, observation.as_of_date)
    end as to_date
from knowledge
cross join {{ ref('dim_observation') }} as observation
