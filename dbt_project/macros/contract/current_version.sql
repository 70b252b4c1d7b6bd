{# Order that puts the newest version of a key first; ends in lineage, which is unique. #}
{% macro newest_first(entity) -%}
    {%- for name in contract_definition(entity)['version_order'] %}{{ name }} desc nulls last, {% endfor -%}
    _load_sequence desc nulls last, _load_id desc nulls last, _source_file desc nulls last, _source_row desc nulls last
{%- endmacro %}

{#
    The newest accepted version of every key of an entity, with load_id, load_sequence and snapshot_sequence. A key whose
    newest version says that it is gone has none; one that comes back later has.

    Incremental: only loads after the newest one in the table. A version that is older than the one held is left out
    (a late, outdated record). A repeated version takes the new load but keeps its snapshot_sequence, because nothing
    changed that a mart would have to count again. `omit` names columns that the table does not keep; `added` gives
    columns that it derives from a version, as name to expression.
#}
{% macro current_version(entity, omit=[], added={}) -%}
    {%- set contract = contract_definition(entity) -%}
    {%- set names = contract['columns'].keys() | reject('in', omit) | list -%}
    {%- set incremental = is_incremental() -%}
    {# Read by the post-hook take_out_deleted, whose references dbt does not see. #}
    {%- set departure = ref('int_contract__departure') -%}
-- Only keys that came several times are ranked; the only version of a key is its newest.
with ranked as (
    {{ accepted_versions(entity, names, added, is_repeated=false) }}
    union all
    {{ accepted_versions(entity, names, added, is_repeated=true) }}
)

select
    {%- for name in names + added.keys() | list %}
    ranked.{{ name }},
    {%- endfor %}
    ranked.load_id,
    ranked.load_sequence,
    {%- if incremental %}
    case
        when held.load_sequence is not null
            {%- for name in names + added.keys() | list if name not in contract['key'] %}
            and ranked.{{ name }} is not distinct from held.{{ name }}
            {%- endfor %}
            then held.snapshot_sequence
        else snapshot.snapshot_sequence
    end as snapshot_sequence
    {%- else %}
    snapshot.snapshot_sequence
    {%- endif %}
from ranked
cross join {{ source('run', 'snapshot') }} as snapshot
{%- if incremental %}
left join {{ this }} as held
    on {% for name in contract['key'] %}ranked.{{ name }} = held.{{ name }}{{ ' and ' if not loop.last }}{% endfor %}
{%- endif %}
where
    ranked.version_rank = 1
    and {{ is_in_deleted_keys(entity, 'ranked', negated=true) }}
    {%- if incremental %}
    {%- for name in contract['version_order'] %}
    and (held.{{ name }} is null or coalesce(ranked.{{ name }} >= held.{{ name }}, false))
    {%- endfor %}
    {%- endif %}
{%- endmacro %}
