{%- set counts_landing = fromjson(env_var('CX_DBT_LANDING_TABLES', '[]')) | length > 0 -%}
-- Every row that came in, and where it is now. Extraction: what the files held against what dbt reads of it.
-- Staging: what it leaves out of that, where it may leave out anything. Contract: what staging made against what stands
-- in core. A join in staging may make more rows, so the stages are conserved apart.
with extraction as (
    select
        'extraction' as stage,
        load.source_name,
        load.table_name as object_name,
        sum(load.landed_count + load.quarantined_count) as input_row_count,
        sum(load.quarantined_count) as quarantined_row_count,
        0 as superseded_row_count,
        0 as deleted_row_count,
        sum({{ 'coalesce(landing.read_row_count, 0)' if counts_landing else 'load.landed_count' }}) as output_row_count,
        0 as filtered_row_count
    from {{ source('run', 'load') }} as load
    inner join {{ ref('dim_observation') }} as observation on load.load_sequence <= observation.max_load_sequence
    left join {{ ref('int_operations__landing_count') }} as landing
        on load.load_id = landing.load_id and load.source_name || '__' || load.table_name = landing.landing_table
    group by load.source_name, load.table_name
),

staging as (
    select
        'staging' as stage,
        source_name,
        staging_model as object_name,
        landed_row_count as input_row_count,
        0 as quarantined_row_count,
        0 as superseded_row_count,
        0 as deleted_row_count,
        staged_row_count as output_row_count,
        filtered_row_count
    from {{ ref('int_operations__staging_count') }}
),

contract as (
    select
        'contract' as stage,
        coalesce(contract.source_system, core.source_system) as source_name,
        coalesce(contract.entity, core.entity) as object_name,
        coalesce(contract.row_count, 0) as input_row_count,
        coalesce(contract.quarantined_row_count, 0) as quarantined_row_count,
        coalesce(contract.superseded_row_count, 0) as superseded_row_count,
        coalesce(contract.deleted_row_count, 0) as deleted_row_count,
        coalesce(core.core_row_count, 0) as output_row_count,
        0 as filtered_row_count
    from {{ ref('int_operations__contract_count') }} as contract
    full outer join {{ ref('int_operations__core_count') }} as core
        on contract.entity = core.entity and contract.source_system = core.source_system
),

counted as (
    select * from extraction
    union all
    select * from staging
    union all
    select * from contract
)

select
    stage,
    cast(source_name as string) as source_name,
    cast(object_name as string) as object_name,
    cast(input_row_count as bigint) as input_row_count,
    cast(quarantined_row_count as bigint) as quarantined_row_count,
    cast(superseded_row_count as bigint) as superseded_row_count,
    cast(deleted_row_count as bigint) as deleted_row_count,
    cast(output_row_count as bigint) as output_row_count,
    cast(
        input_row_count - quarantined_row_count - superseded_row_count - deleted_row_count - filtered_row_count
        - output_row_count as bigint
    ) as difference_row_count,
    cast(filtered_row_count as bigint) as filtered_row_count
from counted
