-- What sources say now of records that they merged. Identity joins them, also those that are gone.
with ranked_version as (
    select
        merged_record_id,
        into_record_id,
        source_system,
        _is_deleted,
        row_number() over (partition by merged_record_id order by {{ newest_first('record_merge') }}) as version_rank
    from {{ ref('int_contract__record_merge') }}
    where violated_rules is null
)

select
    merged_record_id,
    into_record_id,
    source_system
from ranked_version
where version_rank = 1 and not coalesce(_is_deleted, false)
