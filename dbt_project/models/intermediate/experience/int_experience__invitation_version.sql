{{ config(materialized='view') }}

-- When an invitation was ever said to have been sent, in every landed version.
select
    invitation_id,
    invited_at as happened_at
from {{ ref('int_contract__survey_invitation') }}
where invited_at is not null
union all
select
    leading_key as invitation_id,
    happened_at
from {{ ref('int_contract__departure') }}
where entity = 'survey_invitation'
