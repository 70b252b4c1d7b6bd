{# Words of reconciliation: which rows are looked at by themselves, and which amounts are compared. #}

{# Name under which the versions of an entity with one of its amounts are followed. #}
{% macro fate_name(entity, amount) -%}
    {{ return(entity ~ '.' ~ (amount or '')) }}
{%- endmacro %}

{# Whether a row was singled out, or is what its file's sums differ by; its lineage columns may have a prefix. #}
{% macro is_singled(relation, prefix='') -%}
{%- set lineage = [] -%}
{%- for name in ['load_id', 'source_file', 'source_row'] %}{% do lineage.append(relation ~ '.' ~ prefix ~ name) %}{% endfor -%}
(
    exists (
        select 1 from {{ ref('int_reconciliation__singled_row') }} as singled
        where
            singled.load_id = {{ relation }}.{{ prefix }}load_id
            and singled.source_file = {{ relation }}.{{ prefix }}source_file
            and singled.source_row = {{ relation }}.{{ prefix }}source_row
    )
    or {{ row_hash(lineage) }} in (
        select unequal_row.lineage_hash from {{ ref('int_reconciliation__unequal_row') }} as unequal_row
    )
)
{%- endmacro %}

{# Whether a row is looked at by itself. #}
{% macro is_traced(relation, prefix='') -%}
(
    {{ is_singled(relation, prefix) }}
    or exists (
        select 1 from {{ ref('int_reconciliation__unequal_load') }} as unequal_load
        where unequal_load.load_id = {{ relation }}.{{ prefix }}load_id
    )
)
{%- endmacro %}

{# The amount of a landed row where the entity has one to compare it with. #}
{% macro followed_amount(relation) -%}
    case when {{ relation }}.is_amount_followed then {{ relation }}.landed_amount end
{%- endmacro %}

{# An amount of a relation as reconciliation compares it; null where none is followed. #}
{% macro amount_of(relation, amount) -%}
    cast({{ relation ~ '.' ~ amount if amount else 'null' }} as decimal(38, 6))
{%- endmacro %}
