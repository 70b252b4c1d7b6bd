-- What a customer brought: margin of the lines, less what serving and marketing cost. Discounts and returned goods are
-- in net_amount already and are not taken off again. What is unknown is null and makes the profit null; nothing that
-- happened costs 0 for want of a number.
with period as (
    select 'life' as period
    union all
    select 'last_365_days' as period
),

{% set kinds = ['ticket', 'contact', 'marketing'] -%}
company as (
    select
        {% for kind in kinds -%}
        count(*) filter (where cost_kind = '{{ kind }}' and known_count > 0) > 0 as knows_{{ kind }}_cost,
        {% endfor -%}
        count(*) as row_count
    from {{ ref('int_experience_value__customer_cost') }}
),

customer_period as (
    select
        customer.customer_id,
        period.period,
        {% for kind in kinds -%}
        coalesce(sum(cost.event_count) filter (where cost.cost_kind = '{{ kind }}'), 0) as {{ kind }}_count,
        coalesce(sum(cost.known_count) filter (where cost.cost_kind = '{{ kind }}'), 0) as costed_{{ kind }}_count,
        sum(cost.cost_amount) filter (where cost.cost_kind = '{{ kind }}') as {{ kind }}_known_amount,
        {% endfor -%}
        coalesce(sum(cost.line_count), 0) as line_count,
        coalesce(sum(cost.known_count) filter (where cost.cost_kind = 'goods'), 0) as costed_line_count,
        sum(cost.net_amount) as net_amount,
        sum(cost.shipping_amount) as shipping_amount,
        sum(cost.costed_net_amount - cost.cost_amount) filter (where cost.cost_kind = 'goods') as gross_margin_amount
    from {{ ref('dim_customer') }} as customer
    cross join period
    left join {{ ref('int_experience_value__customer_cost') }} as cost
        on customer.customer_id = cost.customer_id and (period.period = 'life' or cost.is_last_year)
    group by customer.customer_id, period.period
),

known as (
    select
        -- All of them known, or none happened where the company knows such costs.
        {% for kind in kinds -%}
        case
            when customer_period.{{ kind }}_count = 0 and company.knows_{{ kind }}_cost then 0
            when customer_period.costed_{{ kind }}_count = customer_period.{{ kind }}_count
                then customer_period.{{ kind }}_known_amount
        end as {{ kind }}_cost_amount,
        {% endfor -%}
        customer_period.*
    from customer_period
    cross join company
)

select
    known.customer_id,
    known.period,
    '{{ parameter("currency_code") }}' as currency_code,
    cast(known.line_count as bigint) as line_count,
    cast(known.costed_line_count as bigint) as costed_line_count,
    case when known.line_count > 0 then cast(known.costed_line_count as double) / known.line_count end
        as costed_line_share,
    cast(known.net_amount as decimal(18, 2)) as net_amount,
    cast(known.shipping_amount as decimal(18, 2)) as shipping_amount,
    cast(known.gross_margin_amount as decimal(18, 2)) as gross_margin_amount,
    {% for kind in kinds -%}
    cast(known.{{ kind }}_count as bigint) as {{ kind }}_count,
    cast(known.{{ kind }}_cost_amount as decimal(18, 2)) as {{ kind }}_cost_amount,
    {% endfor -%}
    -- What nobody here had costs nothing; what was had at an unknown cost makes the profit unknown.
    case
        when known.costed_line_count = known.line_count
            then cast(
                    case when known.line_count = 0 then 0 else known.gross_margin_amount end
                    - case when known.ticket_count = 0 then 0 else known.ticket_cost_amount end
                    - case when known.contact_count = 0 then 0 else known.contact_cost_amount end
                    - case when known.marketing_count = 0 then 0 else known.marketing_cost_amount end as decimal(18, 2)
                )
    end as profit_amount
from known
