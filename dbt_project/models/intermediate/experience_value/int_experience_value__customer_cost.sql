-- What customers brought and cost, in the reporting currency, apart for the last 365 days and for all before. A
-- cost that is not known stays unknown: known and all are counted beside each other. A kind of contact of which no
-- cost is ever known, such as a visit to the site, is not costed.
with costed_type as (
    select distinct interaction_type
    from {{ ref('fct_interaction') }}
    where cost_amount is not null
),

movement as (
    select
        'goods' as cost_kind,
        record_id,
        occurred_date as happened_date,
        currency_code = '{{ parameter("currency_code") }}' as is_reporting,
        cost_amount,
        net_amount,
        coalesce(shipping_amount, 0) as shipping_amount
    from {{ ref('fct_transaction_line') }}
    union all
    select
        'ticket' as cost_kind,
        record_id,
        opened_date as happened_date,
        coalesce(currency_code = '{{ parameter("currency_code") }}', false) as is_reporting,
        cost_amount,
        null as net_amount,
        null as shipping_amount
    from {{ ref('fct_ticket') }}
    union all
    select
        'contact' as cost_kind,
        interaction.record_id,
        interaction.occurred_date as happened_date,
        coalesce(interaction.currency_code = '{{ parameter("currency_code") }}', false) as is_reporting,
        interaction.cost_amount,
        null as net_amount,
        null as shipping_amount
    from {{ ref('fct_interaction') }} as interaction
    inner join costed_type on interaction.interaction_type = costed_type.interaction_type
    union all
    select
        'marketing' as cost_kind,
        record_id,
        contacted_date as happened_date,
        coalesce(currency_code = '{{ parameter("currency_code") }}', false) as is_reporting,
        cost_amount,
        null as net_amount,
        null as shipping_amount
    from {{ ref('fct_campaign_contact') }}
    where arm <> 'control'
)

select
    bridge.customer_id,
    {{ days_between('movement.happened_date', 'observation.as_of_date') }} < 365 as is_last_year,
    movement.cost_kind,
    count(*) as event_count,
    count(movement.cost_amount) filter (where movement.is_reporting) as known_count,
    sum(movement.cost_amount) filter (where movement.is_reporting) as cost_amount,
    sum(movement.net_amount) filter (where movement.is_reporting) as net_amount,
    sum(movement.shipping_amount) filter (where movement.is_reporting) as shipping_amount,
    sum(movement.net_amount) filter (where movement.is_reporting and movement.cost_amount is not null)
        as costed_net_amount,
    count(*) filter (where movement.cost_kind = 'goods') as line_count
from movement
inner join {{ ref('bridge_record_customer') }} as bridge
    on movement.record_id = bridge.record_id and bridge.is_current
cross join {{ ref('dim_observation') }} as observation
where movement.happened_date <= observation.as_of_date
group by
    bridge.customer_id,
    {{ days_between('movement.happened_date', 'observation.as_of_date') }} < 365,
    movement.cost_kind
