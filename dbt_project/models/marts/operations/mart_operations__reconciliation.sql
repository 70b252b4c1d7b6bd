{%- set categories = ['late', 'duplicate', 'changed', 'quarantined', 'deleted', 'merged', 'filtered', 'unknown'] -%}
-- One line per source, table and day: what the source says, what landed, what staging made, what marts count, and why
-- they differ. mart = source + the sum of the categories + what is unexplained.
with explained as (
    select
        source_name,
        table_name,
        local_day,
        {%- for category in categories %}
        sum(count_effect) filter (where category = '{{ category }}') as {{ category }}_count,
        sum(amount_effect) filter (where category = '{{ category }}') as {{ category }}_amount,
        {%- endfor %}
        sum(count_effect) filter (where stage = 'landing' and category <> 'unexplained') as landing_count_effect,
        sum(amount_effect) filter (where stage = 'landing' and category <> 'unexplained') as landing_amount_effect,
        sum(count_effect) filter (where stage = 'staging' and category <> 'unexplained') as staging_count_effect,
        sum(amount_effect) filter (where stage = 'staging' and category <> 'unexplained') as staging_amount_effect,
        sum(count_effect) filter (where stage = 'mart' and category <> 'unexplained') as mart_count_effect,
        sum(amount_effect) filter (where stage = 'mart' and category <> 'unexplained') as mart_amount_effect
    from {{ ref('int_reconciliation__difference') }}
    group by source_name, table_name, local_day
)

select
    cast(by_day.source_name as string) as source_name,
    cast(by_day.table_name as string) as table_name,
    by_day.local_day,
    coalesce(cast(by_day.local_day as string), 'unknown') as day_label,
    cast(
        case when explained.unknown_count is null then coalesce(by_day.source_count, 0) else by_day.source_count end
        as bigint
    ) as source_count,
    cast(by_day.landing_count as bigint) as landing_count,
    cast(case when by_day.has_entity then by_day.staging_count end as bigint) as staging_count,
    cast(case when by_day.has_entity then by_day.mart_count end as bigint) as mart_count,
    {%- for category in categories %}
    cast(coalesce(explained.{{ category }}_count, 0) as bigint) as {{ category }}_count,
    {%- endfor %}
    cast(
        abs(by_day.landing_count - coalesce(by_day.source_count, 0) - coalesce(explained.landing_count_effect, 0))
        + case
            when not by_day.has_entity then 0
            else
                abs(by_day.staging_count - by_day.landing_count - coalesce(explained.staging_count_effect, 0))
                + abs(by_day.mart_count - by_day.staging_count - coalesce(explained.mart_count_effect, 0))
        end
        as bigint
    ) as unexplained_count,
    cast(by_day.source_amount as decimal(38, 6)) as source_amount,
    cast(by_day.landing_amount as decimal(38, 6)) as landing_amount,
    cast(case when by_day.has_staged_amount then by_day.staging_amount end as decimal(38, 6))
        as staging_amount,
    cast(case when by_day.has_staged_amount then by_day.mart_amount end as decimal(38, 6)) as mart_amount,
    {%- for category in categories %}
    cast(coalesce(explained.{{ category }}_amount, 0) as decimal(38, 6)) as {{ category }}_amount,
    {%- endfor %}
    cast(
        abs(
            coalesce(by_day.landing_amount, 0) - coalesce(by_day.source_amount, 0)
            - coalesce(explained.landing_amount_effect, 0)
        )
        + case
            when not by_day.has_staged_amount then 0
            else
                abs(
                    coalesce(by_day.staging_amount, 0) - coalesce(by_day.landing_amount, 0)
                    - coalesce(explained.staging_amount_effect, 0)
                )
                + abs(
                    coalesce(by_day.mart_amount, 0) - coalesce(by_day.staging_amount, 0)
                    - coalesce(explained.mart_amount_effect, 0)
                )
        end
        as decimal(38, 6)
    ) as unexplained_amount
from {{ ref('int_reconciliation__day') }} as by_day
left join explained
    on
        by_day.source_name = explained.source_name
        and by_day.table_name = explained.table_name
        and by_day.local_day is not distinct from explained.local_day
