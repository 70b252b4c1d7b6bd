{{ config(materialized='table') }}

-- Keys of which more than one accepted version landed, from whatever source. They are few: what has to compare the
-- versions of a key (counts, the contract border) begins here and leaves all other rows alone.
{% for entity in contract_definitions() -%}
select
    '{{ entity }}' as entity,
    {{ row_key(entity) }} as row_key,
    count(*) as accepted_count
from {{ ref('int_contract__' ~ entity) }}
where violated_rules is null
group by {{ row_key(entity) }}
having count(*) > 1
{{ 'union all' if not loop.last }}
{% endfor %}
