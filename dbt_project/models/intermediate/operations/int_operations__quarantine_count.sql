-- A row that breaks several rules counts under each of them.
select
    quarantined.entity,
    coalesce(quarantined.source_system, 'unknown') as source_system,
    rule.rule,
    rule.reason,
    count(*) as row_count
from {{ ref('int_contract__quarantined_row') }} as quarantined
inner join {{ ref('int_contract__rule') }} as rule
    on
        quarantined.entity = rule.entity
        and ',' || quarantined.violated_rules || ',' like '%,' || rule.rule || ',%'
group by quarantined.entity, coalesce(quarantined.source_system, 'unknown'), rule.rule, rule.reason
