{#
    Earlier versions that must not pass for the newest: their row's newest version was left out by a filter of the
    staging SQL (`where status <> 'deleted'`). They stay in the contract, as rows that are gone since that load.

    A row keeps its version while any of what its newest load brought of it passes the filter: a table of several lines
    a key, of which the mapping takes one, is not meant.
#}

{% macro filtered_staging(staging_model) -%}
    {{ return(fromjson(env_var('CX_DBT_FILTERED_STAGING', '{}')).get(staging_model)) }}
{%- endmacro %}

{#
    Lineage of the versions that were withdrawn, and the number of the load that did it. The newest of a key is what its
    last file brought, by load and then by file, so that files that land together say what they say one by one.
#}
{% macro withdrawn_versions(staging_model) -%}
    {%- set filtered = filtered_staging(staging_model) -%}
    {%- set key = quoted_names(filtered['key']) -%}
    {%- set landing = source('landing', filtered['landing']) %}
    select
        landed._load_id,
        landed._source_file,
        landed._source_row,
        newest.newest_sequence
    from {{ landing }} as landed
    inner join (
        select
            {{ key | join(', ') }},
            max(_load_sequence) as newest_sequence,
            max(_file_order) as newest_file
        from (
            select
                {{ key | join(', ') }},
                _load_sequence,
                {{ file_order() }} as _file_order
            from {{ landing }}
            where ({{ key | join(', ') }}) in (
                select {{ key | join(', ') }} from {{ landing }}
                group by {{ key | join(', ') }}
                having count(*) > 1
            )
        ) as ordered
        group by {{ key | join(', ') }}
        having max(_file_order) > min(_file_order)
    ) as newest
        on
            {{ file_order('landed') }} < newest.newest_file
            {%- for name in key %}
            and landed.{{ name }} = newest.{{ name }}
            {%- endfor %}
    where
        not exists (
            select 1
            from {{ landing }} as latest
            inner join {{ ref(staging_model) }} as kept
                on
                    latest._load_id = kept._load_id
                    and latest._source_file = kept._source_file
                    and latest._source_row = kept._source_row
            where
                {{ file_order('latest') }} = newest.newest_file
                {%- for name in key %}
                and latest.{{ name }} = newest.{{ name }}
                {%- endfor %}
        )
        {%- if not filtered['is_declared'] %}
        -- Nobody said what tells rows apart: columns that a file has twice are no version's.
        and not exists (
            select 1
            from {{ landing }}
            group by {{ key | join(', ') }}, _load_id, _source_file
            having count(*) > 1
        )
        {%- endif %}
{%- endmacro %}

{# Text by which the files of a table sort as they landed. #}
{% macro file_order(relation=none) -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    lpad(cast({{ prefix }}_load_sequence as string), 12, '0') || '|' || {{ prefix }}_source_file
{%- endmacro %}
