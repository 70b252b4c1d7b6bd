{#
    Reconciliation goes from sums down: what nothing singles out is compared by checksum, file by file and load by load,
    and only what differs is looked at row by row.
#}

{# Versions that a rule, a deletion, another version of their key or another record of their customer singles out. #}
{% macro reconciled_singled_versions(entity) -%}
select
    _load_id as load_id,
    _source_file as source_file,
    _source_row as source_row
from {{ ref('int_contract__' ~ entity) }}
where
    violated_rules is not null
    or coalesce(_is_deleted, false)
    or {{ row_key(entity) }} in (
        select repeated.row_key
        from {{ ref('int_contract__repeated_key') }} as repeated
        where repeated.entity = '{{ entity }}'
    )
    {%- if entity == 'customer_record' %}
    or record_id in (
        select survivor.record_id from {{ ref('int_customer__survivor') }} as survivor where survivor.survivor_rank > 1
    )
    {%- endif %}
{%- endmacro %}

{# Count and checksum of the plain versions of one entity by the file that they landed from. #}
{% macro reconciled_version_files(entity, amount) -%}
select
    '{{ fate_name(entity, amount) }}' as fate_name,
    version._load_id as load_id,
    version._source_file as source_file,
    count(*) as version_count,
    {{ checksum(['version._source_row', amount_of('version', amount)]) }} as version_checksum
from {{ ref('int_contract__' ~ entity) }} as version
where not {{ has_story('version', '_') }}
group by version._load_id, version._source_file
{%- endmacro %}

{# Versions of one entity from files whose sums differ, to be laid beside the landed rows. #}
{% macro reconciled_unequal_versions(entity, amount) -%}
select
    {{ lineage_hash('version', '_') }} as lineage_hash,
    0 as landed_count,
    1 as version_count,
    cast(null as decimal(38, 6)) as landed_amount,
    {{ amount_of('version', amount) }} as version_amount
from {{ ref('int_contract__' ~ entity) }} as version
inner join {{ ref('int_reconciliation__unequal_file') }} as unequal_file
    on
        unequal_file.fate_name = '{{ fate_name(entity, amount) }}'
        and version._load_id = unequal_file.load_id
        and version._source_file = unequal_file.source_file
{%- endmacro %}

{# Loads of one entity whose plain versions are not what the core holds of them, by count and checksum. #}
{% macro reconciled_unequal_loads(entity, amount) -%}
select
    '{{ fate_name(entity, amount) }}' as fate_name,
    coalesce(staged.load_id, held.load_id) as load_id
from (
    select
        version._load_id as load_id,
        {{ checksum([row_key(entity, 'version'), amount_of('version', amount)]) }} as version_checksum
    from {{ ref('int_contract__' ~ entity) }} as version
    where not {{ is_singled('version', '_') }}
    group by version._load_id
) as staged
full outer join (
    select
        core.load_id,
        {{ checksum([row_key(entity, 'core'), amount_of('core', amount)]) }} as core_checksum
    from {{ ref(core_relation(entity)) }} as core
    {%- if entity == 'customer_record' %}
    inner join {{ ref('int_customer__survivor') }} as survivor
        on core.record_id = survivor.record_id and survivor.survivor_rank = 1
    {%- endif %}
    where {{ row_key(entity, 'core') }} not in (
        select {{ row_key(entity, 'version') }}
        from {{ ref('int_contract__' ~ entity) }} as version
        where version.violated_rules is null and {{ is_singled('version', '_') }}
    )
    group by core.load_id
) as held on staged.load_id = held.load_id
where staged.version_checksum is distinct from held.core_checksum
{%- endmacro %}
