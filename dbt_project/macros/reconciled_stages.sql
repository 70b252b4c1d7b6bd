{# Rows of one reconciled table or entity in the landing, in the contracts and in the core. #}

{#
    Landed rows of one table with day, amount and key. Of a table that is asked for, what the last load brought of a key
    stands in the source; of files, what the newest version of each file holds, which is what statements are kept of.
    What came earlier, and the marks of rows that vanished there, are history.
#}
{% macro reconciled_landed_rows(table) -%}
    {%- set deleted = 'coalesce(_is_deleted, false)' -%}
select
    '{{ table["source"] }}' as source_name,
    '{{ table["table"] }}' as table_name,
    {% if table['entity'] %}'{{ table["entity"] }}.{{ table["entity_amount"] or "" }}'{% else %}cast(null as string){% endif %} as fate_name,
    '{{ table["filtered"] or "" }}' as filter_reason,
    _load_id as load_id,
    _source_file as source_file,
    _source_row as source_row,
    {% if table['day_is_date'] %}{{ table['day'] }}{% else %}{{ local_date(table['day']) }}{% endif %} as local_day,
    {% if table['amount'] -%}
    cast({{ table['amount'] }} as {{ amount_type() }})
    {%- else -%}
    cast(null as {{ amount_type() }})
    {%- endif %} as landed_amount,
    {% for name in quoted_names(table['key']) %}coalesce(cast({{ name }} as string), ''){{ " || '|' || " if not loop.last }}{% else %}cast(null as string){% endfor %} as row_key,
    {{ deleted }} as is_deleted,
    {% if table['is_pulled'] -%}
    (
        _load_sequence < max(_load_sequence) over (partition by {{ quoted_names(table['key']) | join(', ') }})
        {%- if not table['is_flagged'] %} or {{ deleted }}{% endif %}
    )
    {%- else -%}
    not exists (
        select 1
        from {{ source('run', 'source_statement') }} as stated
        where
            stated.source_name = '{{ table["source"] }}'
            and stated.table_name = '{{ table["table"] }}'
            and stated.load_id = landed._load_id
            and stated.source_file = landed._source_file
    )
    {%- endif %} as is_history
from {{ source('landing', table['landing']) }} as landed
{%- endmacro %}

{#
    Versions of one entity and where they ended: refused by the contract, superseded by a newer version, in the core, or
    (records of customers) merged into a customer that another record stands for.
#}
{% macro reconciled_versions(entity, amount) -%}
    {%- set key = contract_definition(entity)['key'] -%}
    {%- set amount_of = 'cast(' ~ amount ~ ' as ' ~ amount_type() ~ ')' if amount else 'cast(null as ' ~ amount_type() ~ ')' -%}
select
    '{{ entity }}.{{ amount or "" }}' as fate_name,
    version._load_id as load_id,
    version._source_file as source_file,
    version._source_row as source_row,
    version.version_amount,
    version.violated_rules,
    version.version_rank,
    coalesce(version._is_deleted, false) as is_gone,
    {% if entity == 'customer_record' -%}
    survivor.customer_id,
    coalesce(version.version_rank = 1 and core.load_id = version._load_id and survivor.survivor_rank > 1, false) as is_merged,
    coalesce(version.version_rank = 1 and core.load_id = version._load_id and survivor.survivor_rank = 1, false) as is_in_core,
    {% else -%}
    cast(null as string) as customer_id,
    false as is_merged,
    coalesce(version.version_rank = 1 and core.load_id = version._load_id, false) as is_in_core,
    {% endif -%}
    core.core_amount
from (
    select
        {{ key | join(', ') }},
        _load_id,
        _source_file,
        _source_row,
        _is_deleted,
        violated_rules,
        {{ amount_of }} as version_amount,
        case when violated_rules is null then row_number() over (
            partition by {{ key | join(', ') }}, violated_rules is null
            order by {{ newest_first(entity) }}
        ) end as version_rank
    from {{ ref('int_contract__' ~ entity) }}
) as version
left join (
    select
        {{ key | join(', ') }},
        load_id,
        {{ amount_of }} as core_amount
    from {{ ref(core_relation(entity)) }}
) as core
    on {% for name in key %}version.{{ name }} = core.{{ name }}{{ ' and ' if not loop.last }}{% endfor %}
{%- if entity == 'customer_record' %}
left join {{ ref('int_customer__survivor') }} as survivor on version.record_id = survivor.record_id
{%- endif %}
{%- endmacro %}

{# Rows of the core that no version of the landing accounts for, by load. #}
{% macro reconciled_strays(entity, amount) -%}
    {%- set key = contract_definition(entity)['key'] -%}
    {%- set amount_of = 'cast(core.' ~ amount ~ ' as ' ~ amount_type() ~ ')' if amount else 'cast(null as ' ~ amount_type() ~ ')' -%}
select
    '{{ entity }}.{{ amount or "" }}' as fate_name,
    core.load_id,
    {% for name in key %}core.{{ name }}{{ " || '|' || " if not loop.last }}{% endfor %} as row_key,
    {{ amount_of }} as core_amount
from {{ ref(core_relation(entity)) }} as core
where not exists (
    select 1 from {{ ref('int_contract__' ~ entity) }} as version
    where
        version._load_id = core.load_id
        and version.violated_rules is null
        {%- for name in key %}
        and version.{{ name }} = core.{{ name }}
        {%- endfor %}
)
{%- endmacro %}
