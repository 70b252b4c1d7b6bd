{# Entities of which something is told that happened with a customer. #}
{% macro event_entities() -%}
    {{ return([
        'campaign_contact', 'interaction', 'lead', 'sales_order', 'survey_invitation', 'survey_response', 'ticket',
        'transaction_line'
    ]) }}
{%- endmacro %}

{# Whether a fact came, or came again, after the newest load of its entity that the events hold. #}
{% macro is_new_to_events(fact, entity, events) -%}
    {{ fact }}.load_sequence > (
        select coalesce(max(held.load_sequence), -1) from {{ events }} as held where held.entity = '{{ entity }}'
    )
{%- endmacro %}

{# All events; of an incremental run those of the facts that it has to write. #}
{% macro customer_events() -%}
    {#- Rendered in every case: dbt learns from it which models the strategy reads. -#}
    {%- set touched = touched_event(this) -%}
    {%- for entity in event_entities() %}
    select happened.*
    from {{ ref('int_event__' ~ entity) }} as happened
    {%- if is_incremental() %}
    where {{ is_new_to_events('happened', entity, this) }}
    {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#
    Entity and key of facts whose events are taken out: those that came again, with fewer events it may be, and those
    that are gone. Deletions and departures of all time are looked at, because a run may have ended between fact and
    events.
#}
{% macro touched_event(target) -%}
    {%- for entity in event_entities() %}
    select '{{ entity }}' as entity, {{ row_key(entity) }} as source_key
    from {{ ref(core_relation(entity)) }} as fact
    where {{ is_new_to_events('fact', entity, target) }}
    union all
    {%- endfor %}
    select gone.entity, gone.row_key as source_key
    from (
        select entity, row_key from {{ ref('int_contract__deletion') }}
        union
        select entity, row_key from {{ ref('int_contract__departure') }}
    ) as gone
    where
        {%- for entity in event_entities() %}
        {{ 'or ' if not loop.first }}(
            gone.entity = '{{ entity }}'
            and not exists (
                select 1 from {{ ref(core_relation(entity)) }} as fact
                where {{ row_key(entity) }} = gone.row_key
            )
        )
        {%- endfor %}
{%- endmacro %}
