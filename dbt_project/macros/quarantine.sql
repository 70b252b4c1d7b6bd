{# Rows of one entity that break a rule: lineage and key only, no other value of the row. #}
{% macro quarantined_rows(entity) -%}
select
    '{{ entity }}' as entity,
    source_system,
    {{ row_key(entity) }} as row_key,
    violated_rules,
    concat_ws(
        ' '
        {%- for rule in contract_definition(entity)['rules'] %},
        case when {{ rule['sql'] }} then '{{ rule["reason"] | replace("'", "''") }}' end
        {%- endfor %}
    ) as reason,
    _load_id,
    _load_sequence,
    _source_file,
    _source_row
from {{ ref('int_contract__' ~ entity) }}
where violated_rules is not null
{%- endmacro %}
