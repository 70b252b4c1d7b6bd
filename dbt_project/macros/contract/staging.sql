{# What the staging SQL of a company calls. #}

{% macro lineage_columns() -%}
    {{ return({
        '_load_id': 'string', '_load_sequence': 'bigint', '_source_file': 'string', '_source_row': 'bigint',
        '_is_deleted': 'boolean'
    }) }}
{%- endmacro %}

{#
    The lineage columns of a landing table. The first alias is the table whose rows are counted, and deleted with it.
    Name further aliases when a later load of a joined table changes the row: the row then counts as new with that load.
#}
{% macro landing_columns() -%}
    {%- set prefix = varargs[0] ~ '.' if varargs else '' -%}
    {{ prefix }}_load_id,
    {% if varargs | length > 1 -%}
    greatest(
        {%- for alias in varargs %}coalesce({{ alias }}._load_sequence, 0){{ ', ' if not loop.last }}{% endfor -%}
    ) as _load_sequence,
    {%- else -%}
    {{ prefix }}_load_sequence,
    {%- endif %}
    {{ prefix }}_source_file,
    {{ prefix }}_source_row,
    coalesce({{ prefix }}_is_deleted, false) as _is_deleted
{%- endmacro %}

{#
    The latest landed version of every key of a landing table, all its columns: for the joined side of a staging model,
    where several loads of one file would multiply the rows. The side whose rows are counted passes all its versions on.
    A row that its source deleted keeps its last values here: what was sold stays of its category.
#}
{% macro latest_landed(landing_table, key) -%}
select *
from (
    select
        *,
        row_number() over (
            partition by {{ quoted_names(key) | join(', ') }}
            order by _load_sequence desc nulls last, _source_file desc nulls last, _source_row desc nulls last
        ) as version_rank
    from {{ source('landing', landing_table) }}
) as landed_version
where version_rank = 1
{%- endmacro %}

{# Names of columns as a company declared them, some of which are words of SQL. #}
{% macro quoted_names(names) -%}
    {%- set found = [] -%}
    {%- for name in names -%}
        {%- do found.append(adapter.quote(name)) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
