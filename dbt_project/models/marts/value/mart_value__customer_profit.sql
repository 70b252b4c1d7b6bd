-- What a customer brought, for readers; lifetime values read the same rows.
select
    profit.customer_id,
    profit.period,
    profit.currency_code,
    profit.line_count,
    profit.costed_line_count,
    profit.costed_line_share,
    profit.net_amount,
    profit.shipping_amount,
    profit.gross_margin_amount,
    profit.ticket_count,
    profit.ticket_cost_amount,
    profit.contact_count,
    profit.contact_cost_amount,
    profit.marketing_count,
    profit.marketing_cost_amount,
    profit.profit_amount,
    observation.as_of_date as observation_date
from {{ ref('int_experience_value__customer_profit') }} as profit
cross join {{ ref('dim_observation') }} as observation
