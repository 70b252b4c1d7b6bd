-- Rows of every entity by source system: landed versions, those that break a rule, those that are not the newest of
-- their key, and keys whose newest version says that they are gone.
{% for entity in contract_definitions() -%}
{{ contract_counts(entity) }}
{{ 'union all' if not loop.last }}
{% endfor %}
