{#
    Whether an order was a purchase as known on a day. One that was canceled later still was: a feature of a past day
    must not know of it.
#}
{% macro was_purchase_on(sales_order, day) -%}
    ({{ sales_order }}.is_order and {{ was_not_canceled_on(sales_order, day) }})
{%- endmacro %}

{% macro was_not_canceled_on(sales_order, day) -%}
    coalesce({{ sales_order }}.canceled_date > {{ day }}, true)
{%- endmacro %}

{# Whether any payment of the company is known: where none is, nothing is known of what was paid. #}
{% macro has_payments() -%}
    (select count(*) > 0 from {{ ref('fct_payment') }})
{%- endmacro %}

{#
    Whether any payment of the company is a refund: where none is, its source tells what was paid and not what was paid
    back.
#}
{% macro has_refunds() -%}
    (select count(*) > 0 from {{ ref('fct_payment') }} where paid_amount < 0)
{%- endmacro %}

{#
    Whether a month lies so near the first known order that customers of old pass for new. A customer who has not bought
    for the company's eligible days counts as lost, and might as well be new.
#}
{% macro is_warm_up(month) -%}
    coalesce(
        {{ month }} < (
            select {{ days_after(parameter('churn_eligible_days'), 'min(known_order.purchase_date)') }}
            from {{ ref('int_sales__order') }} as known_order
            where known_order.is_order
        ),
        false
    )
{%- endmacro %}
