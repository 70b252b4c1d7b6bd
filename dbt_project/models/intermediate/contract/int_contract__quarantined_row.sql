{{ config(materialized='view') }}

{% for entity in contract_definitions() -%}
{{ quarantined_rows(entity) }}
{{ 'union all' if not loop.last }}
{% endfor %}
