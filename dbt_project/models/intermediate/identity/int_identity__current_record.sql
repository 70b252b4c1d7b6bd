with ranked_version as (
    select
        {{ contract_columns('customer_record') }},
        _load_id as load_id,
        _load_sequence as load_sequence,
        _is_deleted,
        row_number() over (partition by record_id order by {{ newest_first('customer_record') }}) as version_rank
    from {{ ref('int_contract__customer_record') }}
    where violated_rules is null
)

select
    {{ contract_columns('customer_record') }},
    load_id,
    load_sequence
from ranked_version
where version_rank = 1 and not coalesce(_is_deleted, false)
