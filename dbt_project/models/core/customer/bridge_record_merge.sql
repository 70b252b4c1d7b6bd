with current_version as (
    {{ current_version('record_merge') }}
)

select
    {{ contract_columns('record_merge') }},
    load_id,
    load_sequence
from current_version
