-- An invitation is touched when a version of it is new or gone, when the observation date moved over it, or when any
-- version of a touched answer named it: the days on which any version says that it was sent.
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
    select distinct response.response_id
    from {{ ref('int_change__response') }} as response
    cross join state
    where response.snapshot_sequence > state.snapshot_sequence
),

changed_invitation as (
    select invitation.invitation_id
    from {{ ref('fct_survey_invitation') }} as invitation
    cross join state
    where invitation.snapshot_sequence > state.snapshot_sequence
    union
    select invitation.invitation_id
    from {{ ref('fct_survey_invitation') }} as invitation
    inner join observed_day on invitation.invited_date = observed_day.touched_date
    union
    select deletion.leading_key as invitation_id
    from {{ ref('int_contract__deletion') }} as deletion
    cross join state
    where deletion.entity = 'survey_invitation' and deletion.snapshot_sequence > state.snapshot_sequence
    union
    select departure.leading_key as invitation_id
    from {{ ref('int_contract__departure') }} as departure
    cross join state
    where departure.entity = 'survey_invitation' and departure.snapshot_sequence > state.snapshot_sequence
    union
    select version.invitation_id
    from {{ ref('int_experience__answer_version') }} as version
    inner join changed_response on version.response_id = changed_response.response_id
),

touched as (
    select
        version.invitation_id,
        {{ local_date('version.happened_at') }} as touched_date
    from {{ ref('int_experience__invitation_version') }} as version
    inner join changed_invitation on version.invitation_id = changed_invitation.invitation_id
    union
    -- Built from nothing: every day, of no invitation.
    select
        cast(null as string) as invitation_id,
        day.touched_date
    from {{ ref('int_change__day') }} as day
    cross join state
    where state.snapshot_sequence is null
)

select
    cast(touched.invitation_id as string) as invitation_id,
    touched.touched_date,
    observation.snapshot_sequence
from touched
cross join {{ ref('dim_observation') }} as observation
where touched.touched_date is not null
