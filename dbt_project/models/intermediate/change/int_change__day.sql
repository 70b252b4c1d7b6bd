-- Where a border lies among the days decides of whole months though no fact changed: how far days are counted, how
-- long customers of old may pass for new, until when it is known what was paid. A day is touched when a border moved
-- over it, forward or back. Without one (no order, no payment) it lies before all days, and so it does in a first
-- build, which touches every day.
with border as (
    select
        'observed' as border,
        as_of_date as border_date
    from {{ ref('dim_observation') }}
    union all
    select
        'warm_up' as border,
        -- The last day that is_warm_up answers with yes.
        {{ days_after(-1, days_after(parameter('churn_eligible_days'), 'min(purchase_date)')) }} as border_date
    from {{ ref('int_sales__order') }}
    where is_order
    union all
    select
        'paid' as border,
        case when {{ has_payments() }} then as_of_date end as border_date
    from {{ ref('dim_observation') }}
),

recorded as (
    {% if is_incremental() -%}
    select
        border,
        max_by(border_date, snapshot_sequence) as border_date
    from {{ this }}
    group by border
    {%- else -%}
    select
        border,
        border_date
    from border
    where 1 = 0
    {%- endif %}
),

place as (
    select
        border.border,
        coalesce(border.border_date, cast('1900-01-01' as date)) as border_date,
        coalesce(recorded.border_date, cast('1900-01-01' as date)) as recorded_date
    from border
    left join recorded on border.border = recorded.border
)

select
    cast(place.border as string) as border,
    place.border_date,
    {{ each_day(
        days_after(1, 'least(place.border_date, place.recorded_date)'),
        'greatest(place.border_date, place.recorded_date)'
    ) }} as touched_date,
    observation.snapshot_sequence
from place
cross join {{ ref('dim_observation') }} as observation
where place.border_date <> place.recorded_date
