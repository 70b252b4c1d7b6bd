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
