{{ config(materialized='view') }}

-- Where the versions of a landed row ended: refused by the contract, superseded by a newer version, in the core, or
-- (records of customers) merged into a customer that another record stands for.
with version as (
    select
        version.fate_name,
        version.load_id,
        version.source_file,
        version.source_row,
        version.is_gone,
        version.violated_rules,
        version.version_rank,
        version.version_amount,
        version.core_amount,
        survivor.customer_id,
        coalesce(
            version.version_rank = 1 and version.core_load_id = version.load_id and survivor.survivor_rank > 1, false
        ) as is_merged,
        coalesce(
            version.version_rank = 1
            and version.core_load_id = version.load_id
            and (version.record_id is null or survivor.survivor_rank = 1),
            false
        ) as is_in_core
    from {{ ref('int_reconciliation__contract_row') }} as version
    left join {{ ref('int_customer__survivor') }} as survivor on version.record_id = survivor.record_id
)

select
    fate_name,
    load_id,
    source_file,
    source_row,
    count(*) as version_count,
    sum(version_amount) as version_amount,
    count(*) filter (where violated_rules is not null) as refused_count,
    sum(version_amount) filter (where violated_rules is not null) as refused_amount,
    min(violated_rules) as violated_rules,
    count(*) filter (where version_rank > 1) as superseded_count,
    sum(version_amount) filter (where version_rank > 1) as superseded_amount,
    bool_or(is_gone) as is_gone,
    count(*) filter (where is_merged) as merged_count,
    sum(version_amount) filter (where is_merged) as merged_amount,
    min(customer_id) filter (where is_merged) as customer_id,
    count(*) filter (where is_in_core) as core_count,
    sum(core_amount) filter (where is_in_core) as core_amount
from version
group by fate_name, load_id, source_file, source_row
