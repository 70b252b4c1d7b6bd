with current_version as (
    {{ current_version('product') }}
)

select
    {{ contract_columns('product') }},
    load_id,
    load_sequence
from current_version
