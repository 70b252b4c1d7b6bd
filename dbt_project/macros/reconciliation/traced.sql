{# Words of reconciliation: which rows are looked at by themselves, and which amounts are compared. #}

{# Name under which the versions of an entity with one of its amounts are followed. #}
{% macro fate_name(entity, amount) -%}
    {{ return(entity ~ '.' ~ (amount or '')) }}
{%- endmacro %}

{# Hash of a row's lineage; its columns may have a prefix. Whatever is compared by it is looked at when two rows share it. #}
{% macro lineage_hash(relation, prefix='') -%}
    {{ row_hash([
        relation ~ '.' ~ prefix ~ 'load_id', relation ~ '.' ~ prefix ~ 'source_file', relation ~ '.' ~ prefix ~ 'source_row'
    ]) }}
{%- endmacro %}

{# Whether a row has a story of its own: beside the engine's few hashes, which a correlated subquery would not be. #}
{% macro has_story(relation, prefix='') -%}
    {{ lineage_hash(relation, prefix) }} in (
        select singled.lineage_hash from {{ ref('int_reconciliation__singled_row') }} as singled
    )
{%- endmacro %}

{# Whether a row was singled out, or is what its file's sums differ by. #}
{% macro is_singled(relation, prefix='') -%}
    {{ lineage_hash(relation, prefix) }} in (
        select singled.lineage_hash from {{ ref('int_reconciliation__singled_row') }} as singled
        union all
        select unequal_row.lineage_hash from {{ ref('int_reconciliation__unequal_row') }} as unequal_row
    )
{%- endmacro %}

{# Whether a row is looked at by itself. #}
{% macro is_traced(relation, prefix='') -%}
(
    {{ is_singled(relation, prefix) }}
    or {{ relation }}.{{ prefix }}load_id in (
        select unequal_load.load_id from {{ ref('int_reconciliation__unequal_load') }} as unequal_load
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
