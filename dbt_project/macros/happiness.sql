{# Which answers are the overall one, and which are ratings of touchpoints that may drive it; settings of happiness. #}

{# Whether an answer says how satisfied the customer is as a whole. #}
{% macro is_overall_answer(metric, survey_type, touchpoint) -%}
    {%- set target, asked = parameter('happiness_target_touchpoint'), parameter('happiness_target_metric') -%}
    {{ metric }} in {{ "('" ~ asked ~ "')" if asked else "('nps', 'csat', 'ces')" }}
    {%- if target %}
    and {{ touchpoint }} = '{{ target | replace("'", "''") }}'
    {%- else %}
    and {{ survey_type }} = 'relational' and {{ touchpoint }} in ('overall', 'relation')
    {%- endif %}
{%- endmacro %}

{# Whether a touchpoint is one, and not the company as a whole or a sum of others. #}
{% macro is_driver(touchpoint) -%}
    {{ touchpoint }} not in ('overall', 'relation', 'unmapped')
    {%- for name in [parameter('happiness_target_touchpoint')] + parameter('happiness_left_out_touchpoints') if name %}
    and {{ touchpoint }} <> '{{ name | replace("'", "''") }}'
    {%- endfor %}
{%- endmacro %}
