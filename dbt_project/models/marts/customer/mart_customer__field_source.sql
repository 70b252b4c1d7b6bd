-- Which record a field of the golden record comes from, for customers of several records; those of one have all
-- fields from it. No values: they are in dim_customer_identity, which is published apart.
with chosen as (
    select
        survivor.customer_id,
        count(*) as record_count,
        {% for field in golden_fields() -%}
        min_by(survivor.record_id, survivor.{{ field }}_place) filter (where {{ golden_given(field) }})
            as {{ field }}_record_id,
        min_by(survivor.source_system, survivor.{{ field }}_place) filter (where {{ golden_given(field) }})
            as {{ field }}_source_system,
        -- A null would be passed over for another record's time.
        min_by(coalesce(survivor.updated_at, timestamp '1900-01-01 00:00:00'), survivor.{{ field }}_place)
        filter (where {{ golden_given(field) }})
            as {{ field }}_updated_at,
        count(distinct lower({{ golden_value(field, 'survivor') }})) as {{ field }}_value_count,
        {% endfor -%}
        min(survivor.survivor_rank) as first_rank
    from {{ ref('int_customer__survivor') }} as survivor
    group by survivor.customer_id
    having count(*) > 1
),

field_source as (
    {% for field in golden_fields() -%}
    select
        customer_id,
        '{{ field }}' as field,
        {{ field }}_record_id as record_id,
        {{ field }}_source_system as source_system,
        nullif({{ field }}_updated_at, timestamp '1900-01-01 00:00:00') as updated_at,
        {{ field }}_value_count as value_count,
        record_count,
        '{{ golden_reason(field) }}' as decided_by
    from chosen
    where {{ field }}_value_count > 0
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    field_source.customer_id,
    field_source.field,
    field_source.record_id,
    field_source.source_system,
    field_source.updated_at,
    field_source.value_count,
    field_source.record_count,
    case when field_source.value_count > 1 then field_source.decided_by else 'only value' end as decided_by,
    observation.as_of_date as observation_date
from field_source
cross join {{ ref('dim_observation') }} as observation
