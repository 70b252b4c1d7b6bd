{{ config(materialized='view') }}

-- When an answer was ever said to have been given, and to which invitation, in every landed version.
select
    response_id,
    invitation_id,
    responded_at as happened_at
from {{ ref('int_contract__survey_response') }}
where responded_at is not null
union all
select
    leading_key as response_id,
    parent_key as invitation_id,
    happened_at
from {{ ref('int_contract__departure') }}
where entity = 'survey_response'
