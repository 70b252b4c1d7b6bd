{# Entities of which something is told that happened with a customer. #}
{% macro event_entities() -%}
    {{ return([
        'campaign_contact', 'interaction', 'lead', 'sales_order', 'survey_invitation', 'survey_response', 'ticket',
        'transaction_line'
    ]) }}
{%- endmacro %}

{# All events. #}
{% macro customer_events() -%}
    {%- for entity in event_entities() %}
    select happened.*
    from {{ ref('int_event__' ~ entity) }} as happened
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
