-- An order is touched when anything of it is new, gone or moved to another order, or when the observation date moved
-- over anything of it: the days of all that any version says of it. Its lines of other days decide whether it is one.
{%- set facts = {
    'fct_transaction_line': 'occurred_date',
    'fct_sales_order': 'ordered_date',
    'int_sales__dated_payment': 'paid_date',
} %}
with state as (
    {{ change_set_state() }}
),

observed_day as (
    select distinct day.touched_date
    from {{ ref('int_change__day') }} as day
    cross join state
    where day.border = 'observed' and day.snapshot_sequence > state.snapshot_sequence
),

gone as (
    select
        deletion.entity,
        deletion.leading_key
    from {{ ref('int_contract__deletion') }} as deletion
    cross join state
    where deletion.snapshot_sequence > state.snapshot_sequence
    union
    select
        departure.entity,
        departure.leading_key
    from {{ ref('int_contract__departure') }} as departure
    cross join state
    where departure.snapshot_sequence > state.snapshot_sequence
),

changed_fact as (
    select line.line_id as fact_id
    from {{ ref('fct_transaction_line') }} as line
    cross join state
    where line.snapshot_sequence > state.snapshot_sequence
    union
    select payment.payment_id as fact_id
    from {{ ref('fct_payment') }} as payment
    cross join state
    where payment.snapshot_sequence > state.snapshot_sequence
    union
    select leading_key as fact_id
    from gone
    where entity in ('transaction_line', 'payment')
),

changed_order as (
    {% for fact, date_column in facts.items() -%}
    select fact.order_id
    from {{ ref(fact) }} as fact
    cross join state
    where fact.snapshot_sequence > state.snapshot_sequence
    union
    select fact.order_id
    from {{ ref(fact) }} as fact
    inner join observed_day on fact.{{ date_column }} = observed_day.touched_date
    union
    {% endfor -%}
    select leading_key as order_id
    from gone
    where entity = 'sales_order'
    union
    -- The order that a changed line or payment belonged to before.
    select version.order_id
    from {{ ref('int_sales__order_version') }} as version
    inner join changed_fact on version.fact_id = changed_fact.fact_id
),

touched as (
    {% for fact, date_column in facts.items() -%}
    select
        fact.order_id,
        fact.{{ date_column }} as touched_date
    from {{ ref(fact) }} as fact
    inner join changed_order on fact.order_id = changed_order.order_id
    union
    {% endfor -%}
    select
        version.order_id,
        {{ local_date('version.happened_at') }} as touched_date
    from {{ ref('int_sales__order_version') }} as version
    inner join changed_order on version.order_id = changed_order.order_id
    union
    -- Built from nothing: every day, of no order.
    select
        cast(null as string) as order_id,
        day.touched_date
    from {{ ref('int_change__day') }} as day
    cross join state
    where state.snapshot_sequence is null
)

select
    cast(touched.order_id as string) as order_id,
    touched.touched_date,
    observation.snapshot_sequence
from touched
cross join {{ ref('dim_observation') }} as observation
where touched.touched_date is not null
