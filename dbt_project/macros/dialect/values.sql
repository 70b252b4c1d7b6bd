{# What DuckDB and Spark write differently lives in this folder and nowhere else: texts, types, checksums, JSON. #}

{# Distinct values in alphabetical order, joined by commas; nulls are left out. #}
{% macro sorted_list(column) -%}
    {{ return(adapter.dispatch('sorted_list', 'cx')(column)) }}
{%- endmacro %}

{% macro default__sorted_list(column) -%}
    string_agg(distinct {{ column }}, ',' order by {{ column }})
{%- endmacro %}

{% macro spark__sorted_list(column) -%}
    nullif(array_join(sort_array(collect_set({{ column }})), ','), '')
{%- endmacro %}

{#
    Whether a value is there and is none of a type; blank text counts as no value, as it does at extraction.

    The engine knows a column's type before it reads a row: for the types that always fit, the first condition is
    false there, and the columns of a well declared landing cost nothing.
#}
{% macro is_mistyped(column, data_type) -%}
    {{ return(adapter.dispatch('is_mistyped', 'cx')(column, data_type)) }}
{%- endmacro %}

{% macro default__is_mistyped(column, data_type) -%}
    {%- set always_fit = {
        'bigint': ['BIGINT', 'INTEGER'],
        'double': ['DOUBLE', 'BIGINT', 'INTEGER', 'DECIMAL(18,2)'],
        'boolean': ['BOOLEAN'],
        'date': ['DATE', 'TIMESTAMP'],
        'timestamp': ['TIMESTAMP', 'DATE'],
        'decimal(18,2)': ['DECIMAL(18,2)', 'INTEGER'],
        'decimal(18,6)': ['DECIMAL(18,6)', 'DECIMAL(18,2)', 'INTEGER'],
    } -%}
    typeof({{ column }}) not in ('{{ always_fit[data_type] | join("', '") }}') and {{ spark__is_mistyped(column, data_type) }}
{%- endmacro %}

{% macro spark__is_mistyped(column, data_type) -%}
    {{ column }} is not null and try_cast({{ column }} as {{ data_type }}) is null and trim(cast({{ column }} as string)) <> ''
{%- endmacro %}

{#
    A number that tells whether two sets of rows are the same: the sum of a hash of each row, whatever their order. Only
    for comparing within one run and engine; it is never kept.
#}
{% macro checksum(columns) -%}
    {{ return(adapter.dispatch('checksum', 'cx')(columns)) }}
{%- endmacro %}

{% macro default__checksum(columns) -%}
    cast(sum(cast({{ row_hash(columns) }} as hugeint)) as string)
{%- endmacro %}

{% macro spark__checksum(columns) -%}
    cast(sum(cast({{ row_hash(columns) }} as decimal(38, 0))) as string)
{%- endmacro %}

{# Hash of a row, 64 bits. #}
{% macro row_hash(columns) -%}
    {{ return(adapter.dispatch('row_hash', 'cx')(columns)) }}
{%- endmacro %}

{% macro default__row_hash(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}

{% macro spark__row_hash(columns) -%}
    xxhash64({{ columns | join(', ') }})
{%- endmacro %}

{# The text of a key of a JSON object: null where the object, the key or its value is null; a list as its JSON text. #}
{% macro json_text(column, key) -%}
    {{ return(adapter.dispatch('json_text', 'cx')(column, key)) }}
{%- endmacro %}

{% macro default__json_text(column, key) -%}
    json_extract_string({{ column }}, '$.{{ key }}')
{%- endmacro %}

{% macro spark__json_text(column, key) -%}
    get_json_object({{ column }}, '$.{{ key }}')
{%- endmacro %}
