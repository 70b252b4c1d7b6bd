select
    touchpoint,
    touchpoint_order,
    stage,
    owner
from {{ ref('dim_touchpoint') }}
