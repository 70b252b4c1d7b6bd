-- An answer is touched when a version of it is new or gone, or when the observation date moved over it: the days on
-- which any version says that it was given.
with state as (
    {{ change_set_state() }}
),

observed_day as (
    select distinct day.touched_date
    from {{ ref('int_change__day') }} as day
    cross join state
    where day.border = 'observed' and day.snapshot_sequence > state.snapshot_sequence
),

changed_response as (
    select response.response_id
    from {{ ref('fct_survey_response') }} as response
    cross join state
    where response.snapshot_sequence > state.snapshot_sequence
    union
    select response.response_id
    from {{ ref('fct_survey_response') }} as response
    inner join observed_day on response.responded_date = observed_day.touched_date
    union
    select deletion.leading_key as response_id
    from {{ ref('int_contract__deletion') }} as deletion
    cross join state
    where deletion.entity = 'survey_response' and deletion.snapshot_sequence > state.snapshot_sequence
    union
    select departure.leading_key as response_id
    from {{ ref('int_contract__departure') }} as departure
    cross join state
    where departure.entity = 'survey_response' and departure.snapshot_sequence > state.snapshot_sequence
),

touched as (
    select
        version.response_id,
        {{ local_date('version.happened_at') }} as touched_date
    from {{ ref('int_experience__answer_version') }} as version
    inner join changed_response on version.response_id = changed_response.response_id
    union
    -- Built from nothing: every day, of no answer.
    select
        cast(null as string) as response_id,
        day.touched_date
    from {{ ref('int_change__day') }} as day
    cross join state
    where state.snapshot_sequence is null
)

select
    cast(touched.response_id as string) as response_id,
    touched.touched_date,
    observation.snapshot_sequence
from touched
cross join {{ ref('dim_observation') }} as observation
where touched.touched_date is not null
