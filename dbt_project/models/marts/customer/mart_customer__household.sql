{%- set fields = ['address', 'email', 'phone'] -%}
with household as (
    select
        member.household_id,
        count(*) as member_count,
        {%- for field in fields %}
        bool_or(coalesce(member.shared like '%{{ field }}%', false)) as shares_{{ field }},
        {%- endfor %}
        count(*) filter (where purchase.purchase_count > 0) as purchasing_customer_count,
        sum(purchase.order_count) as order_count,
        sum(purchase.net_amount) as net_amount,
        max(purchase.last_purchase_date) as last_purchase_date
    from {{ source('identity', 'household') }} as member
    left join {{ ref('int_value__customer_purchase') }} as purchase on member.customer_id = purchase.customer_id
    group by member.household_id
)

select
    cast(household.household_id as string) as household_id,
    cast(household.member_count as bigint) as member_count,
    -- Each field comes with a comma before it; the first one goes.
    substr(
        ''
        {%- for field in fields %}
        || case when household.shares_{{ field }} then ',{{ field }}' else '' end
        {%- endfor %},
        2
    ) as shared,
    cast(household.purchasing_customer_count as bigint) as purchasing_customer_count,
    cast(coalesce(household.order_count, 0) as bigint) as order_count,
    '{{ parameter("currency_code") }}' as currency_code,
    cast(coalesce(household.net_amount, 0) as decimal(18, 2)) as net_amount,
    household.last_purchase_date,
    observation.as_of_date as observation_date
from household
cross join {{ ref('dim_observation') }} as observation
