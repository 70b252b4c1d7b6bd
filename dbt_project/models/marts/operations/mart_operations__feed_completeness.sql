-- How far each feed is complete, beside the observation date. The rows come from orchestration, which pins that date.
select
    feed.source_name,
    feed.entity,
    feed.table_names,
    feed.is_transaction,
    feed.is_judged,
    feed.is_ended,
    feed.row_count,
    feed.stray_row_count,
    feed.latest_event_date,
    feed.complete_until_date,
    feed.usual_silence_days,
    case
        when feed.complete_until_date >= observation.as_of_date then 0
        else {{ days_between('feed.complete_until_date', 'observation.as_of_date') }}
    end as days_behind,
    case
        when feed.is_ended then false
        when feed.is_judged
            then {{ days_between('feed.complete_until_date', 'observation.as_of_date') }} > feed.usual_silence_days
    end as is_late,
    observation.as_of_date as observation_date
from {{ source('run', 'feed') }} as feed
cross join {{ ref('dim_observation') }} as observation
