{#
    Incremental marts of periods. The model says in its config what its periods are and what touches them:

        meta={'period': 'month', 'touched_by': [
            {'set': 'int_change__order'},
            {'set': 'int_change__day', 'only': {'border': ['observed']}},
        ]}

    `set` is a change set of models/intermediate/change; `date` its column that tells the period (touched_date unless
    named); `only` the values of its columns that matter, all unless named. The mart has a row per period (its
    `unique_key`, the first day) with counted_until_date and snapshot_sequence.

    A mart compares with its own state, so that a run that died in between loses nothing. Too many periods cost time,
    one too few costs truth.
#}

{# First day of the period of a date. #}
{% macro period_of(period, date_column) -%}
    cast(date_trunc('{{ period }}', {{ date_column }}) as date)
{%- endmacro %}

{# First days of the periods that anything touched since the mart was last built. #}
{% macro touched_periods(target, key, replaced) -%}
    {%- for touch in replaced['touched_by'] %}
    select {{ period_of(replaced['period'], 'changed.' ~ touch.get('date', 'touched_date')) }} as period_start
    from {{ ref(touch['set']) }} as changed
    where
        changed.snapshot_sequence > (select coalesce(max(held.snapshot_sequence), -1) from {{ target }} as held)
        {%- for column, values in touch.get('only', {}).items() %}
        and changed.{{ column }} in ('{{ values | join("', '") }}')
        {%- endfor %}
    union
    {%- endfor %}
    -- Counted until another day than it would be now.
    select held.{{ key }} as period_start
    from {{ target }} as held
    cross join {{ ref('dim_observation') }} as observation
    where
        held.counted_until_date <> least(
            {{ days_after(-1, dbt.dateadd(replaced['period'], 1, 'held.' ~ key)) }}, observation.as_of_date
        )
{%- endmacro %}

{#
    First of a mart's CTEs: touched_period, of one column period_start; nothing in a full build. What it reads is rendered
    in every case, because dbt learns from it which models the mart depends on.
#}
{% macro touched_period_cte(target, key, replaced) -%}
    {%- set periods = touched_periods(target, key, replaced) -%}
    {%- if is_incremental() -%}
touched_period as (
    {{ periods }}
),
    {%- endif -%}
{%- endmacro %}

{# A further condition that leaves an incremental mart the touched periods only; nothing in a full build. #}
{% macro and_touched(period_start) -%}
    {%- if is_incremental() -%}
        and {{ period_start }} in (select touched_period.period_start from touched_period)
    {%- endif -%}
{%- endmacro %}

{#
    Incremental strategy: what anything touched is deleted whole and written again, in one transaction. Deleting by the
    rows that are about to be inserted would leave a period in place whose last fact moved elsewhere.
#}
{% macro get_incremental_replace_touched_sql(arg_dict) -%}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set key = arg_dict['unique_key'] -%}
    {%- set replaced = {'period': config.meta_get('period'), 'touched_by': config.meta_get('touched_by')} -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='name') | join(', ') -%}
delete from {{ target }}
where {{ key }} in (
    {{ touched_periods(target, key, replaced) }}
);

insert into {{ target }} ({{ columns }})
select {{ columns }}
from {{ arg_dict['temp_relation'] }}
{%- endmacro %}
