-- Rows of every entity in the core by source system, counted there and not derived from the contracts.
{% for entity in contract_definitions() if entity != 'customer_record' -%}
select
    '{{ entity }}' as entity,
    source_system,
    count(*) as core_row_count
from {{ ref(core_relation(entity)) }}
group by source_system
union all
{% endfor -%}
-- A record is in the core when it has exactly one current customer there.
select
    'customer_record' as entity,
    record.source_system,
    count(*) as core_row_count
from {{ ref('bridge_record_customer') }} as bridge
inner join {{ ref('int_identity__current_record') }} as record on bridge.record_id = record.record_id
where bridge.is_current
group by record.source_system
