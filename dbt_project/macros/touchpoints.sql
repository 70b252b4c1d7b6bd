{# The company's touchpoint catalogue, from the parameter `touchpoints`, in the order of its journey. #}

{% macro text_literal(text) -%}
    {{ "cast('" ~ text | replace("'", "''") ~ "' as string)" if text else 'cast(null as string)' }}
{%- endmacro %}

{# One row per touchpoint; none, typed, where the company declares none. #}
{% macro touchpoint_rows() -%}
    {%- for item in parameter('touchpoints') %}
select
    {{ text_literal(item['name']) }} as touchpoint,
    cast({{ loop.index }} as bigint) as touchpoint_order,
    {{ text_literal(item['stage']) }} as stage,
    {{ text_literal(item['owner']) }} as owner,
    {{ text_literal(item['channels'] | join(', ')) }} as channels,
    {{ text_literal(item['aliases'] | join(', ')) }} as aliases,
    {{ text_literal(item['events'] | join(', ')) }} as event_types,
    {{ text_literal(item['description']) }} as description
{{ 'union all' if not loop.last }}
    {%- else %}
select
    cast(null as string) as touchpoint,
    cast(null as bigint) as touchpoint_order,
    cast(null as string) as stage,
    cast(null as string) as owner,
    cast(null as string) as channels,
    cast(null as string) as aliases,
    cast(null as string) as event_types,
    cast(null as string) as description
where 1 = 0
    {%- endfor %}
{%- endmacro %}

{#
    What leads an event to a touchpoint: kind of the key (touchpoint: a name or an alias; event_type; channel), its text,
    the touchpoint and its stage. A channel leads to the first touchpoint of the journey that names it.
#}
{% macro touchpoint_key_rows() -%}
    {%- set found, channels = [], [] -%}
    {%- for item in parameter('touchpoints') -%}
        {%- for text in [item['name']] + item['aliases'] -%}{%- do found.append(('touchpoint', text, item)) -%}{%- endfor -%}
        {%- for text in item['events'] -%}{%- do found.append(('event_type', text, item)) -%}{%- endfor -%}
        {%- for text in item['channels'] if text not in channels -%}
            {%- do channels.append(text) -%}
            {%- do found.append(('channel', text, item)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for kind, text, item in found %}
select
    '{{ kind }}' as key_kind,
    {{ text_literal(text) }} as key_text,
    {{ text_literal(item['name']) }} as touchpoint,
    {{ text_literal(item['stage']) }} as stage
{{ 'union all' if not loop.last }}
    {%- else %}
select
    cast(null as string) as key_kind,
    cast(null as string) as key_text,
    cast(null as string) as touchpoint,
    cast(null as string) as stage
where 1 = 0
    {%- endfor %}
{%- endmacro %}
