{# Where an entity's newest accepted versions stand in the core. #}
{% macro core_relation(entity) -%}
    {{ return({
        'campaign_contact': 'fct_campaign_contact',
        'customer_record': 'int_identity__current_record',
        'interaction': 'fct_interaction',
        'lead': 'fct_lead',
        'payment': 'fct_payment',
        'product': 'dim_product',
        'record_merge': 'bridge_record_merge',
        'sales_order': 'fct_sales_order',
        'survey_invitation': 'fct_survey_invitation',
        'survey_response': 'fct_survey_response',
        'ticket': 'fct_ticket',
        'transaction_line': 'fct_transaction_line',
    }[entity]) }}
{%- endmacro %}
