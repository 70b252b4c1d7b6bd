{#
    Earlier versions that must not pass for the newest: their row's newest version was left out by a filter of the
    staging SQL (`where status <> 'deleted'`). They stay in the contract, as rows that are gone since that load.

    A row keeps its version while any of what its newest load brought of it passes the filter: a table of several lines
    a key, of which the mapping takes one, is not meant.
#}

{% macro filtered_staging(staging_model) -%}
    {{ return(fromjson(env_var('CX_DBT_FILTERED_STAGING', '{}')).get(staging_model)) }}
{%- endmacro %}

{# Lineage of the versions that were withdrawn, and the number of the load that did it. #}
{% macro withdrawn_versions(staging_model) -%}
    {%- set filtered = filtered_staging(staging_model) -%}
    {%- set key = filtered['key'] -%}
    select
        landed._load_id,
        landed._source_file,
        landed._source_row,
        newest.newest_sequence
    from {{ source('landing', filtered['landing']) }} as landed
    inner join (
        select
            {{ key | join(', ') }},
            max(_load_sequence) as newest_sequence
        from {{ source('landing', filtered['landing']) }}
        group by {{ key | join(', ') }}
        having max(_load_sequence) > min(_load_sequence)
    ) as newest
        on
            landed._load_sequence < newest.newest_sequence
            {%- for name in key %}
            and landed.{{ name }} = newest.{{ name }}
            {%- endfor %}
    where
        not exists (
            select 1
            from {{ source('landing', filtered['landing']) }} as latest
            inner join {{ ref(staging_model) }} as kept
                on
                    latest._load_id = kept._load_id
                    and latest._source_file = kept._source_file
                    and latest._source_row = kept._source_row
            where
                latest._load_sequence = newest.newest_sequence
                {%- for name in key %}
                and latest.{{ name }} = newest.{{ name }}
                {%- endfor %}
        )
        {%- if not filtered['is_declared'] %}
        -- Nobody said what tells rows apart: columns that a file has twice are no version's.
        and not exists (
            select 1
            from {{ source('landing', filtered['landing']) }}
            group by {{ key | join(', ') }}, _load_id, _source_file
            having count(*) > 1
        )
        {%- endif %}
{%- endmacro %}

{# Rows of a staging model for its contract, withdrawn versions as gone. #}
{% macro staged_rows(entity, staging_model) -%}
    {%- if filtered_staging(staging_model) %}
    select {{ contract_columns(entity, relation='staged') }},
        staged._load_id,
        greatest(staged._load_sequence, coalesce(withdrawn.newest_sequence, 0)) as _load_sequence,
        staged._source_file,
        staged._source_row,
        coalesce(staged._is_deleted, false) or withdrawn.newest_sequence is not null as _is_deleted,
        staged._mistyped_columns
    from {{ ref(staging_model) }} as staged
    left join (
        {{ withdrawn_versions(staging_model) }}
    ) as withdrawn
        on
            staged._load_id = withdrawn._load_id
            and staged._source_file = withdrawn._source_file
            and staged._source_row = withdrawn._source_row
    {%- else %}
    select {{ contract_columns(entity) }},
        {{ landing_columns() }},
        _mistyped_columns
    from {{ ref(staging_model) }}
    {%- endif %}
{%- endmacro %}
