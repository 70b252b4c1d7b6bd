{#
    State of a change set (models/intermediate/change): the highest snapshot_sequence that it holds, null when it is built
    from nothing. One row. A set reads what is newer than its own rows, never what another set says of itself: a run may
    die between the two.
#}
{% macro change_set_state() -%}
    {%- if is_incremental() -%}
    select max(recorded.snapshot_sequence) as snapshot_sequence from {{ this }} as recorded
    {%- else -%}
    select cast(null as bigint) as snapshot_sequence
    {%- endif -%}
{%- endmacro %}
