{# Entities of which something is told that happened with a customer. #}
{% macro event_entities() -%}
    {{ return([
        'campaign_contact', 'consent_event', 'interaction', 'lead', 'loyalty_entry', 'message_sent', 'referral',
        'sales_order', 'subscription', 'survey_invitation', 'survey_response', 'ticket', 'transaction_line'
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
