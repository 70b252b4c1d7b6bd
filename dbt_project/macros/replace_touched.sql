{#
    Incremental strategy: periods that anything touched are deleted whole and written again, in one transaction.

    The model names in `meta.touched_by` a macro that takes the target and gives a query of the touched values of its
    `unique_key`; the model selects those periods only. Deleting by the rows that are about to be inserted would leave
    a period in place whose last fact moved elsewhere. The events of one fact are replaced in the same way.
#}
{% macro get_incremental_replace_touched_sql(arg_dict) -%}
    {%- set touched = context[config.meta_get('touched_by')] -%}
    {%- set key = arg_dict['unique_key'] -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='name') | join(', ') -%}
delete from {{ arg_dict['target_relation'] }}
where {{ key if key is string else '(' ~ key | join(', ') ~ ')' }} in (
    {{ touched(arg_dict['target_relation']) }}
);

insert into {{ arg_dict['target_relation'] }} ({{ columns }})
select {{ columns }}
from {{ arg_dict['temp_relation'] }}
{%- endmacro %}
