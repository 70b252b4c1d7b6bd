{# What an answer says, and what it is about. #}

{#
    Whether an answer is favourable; null for metrics without favourable answers. NPS: 9 and 10 (Reichheld 2003). CSAT:
    the two highest points of the scale as far as they lie above its middle, so that on 0 to 1 only the 1 is; on a scale
    of more than eleven points the upper fifth. CES 2.0: above the middle (Dixon, Freeman and Toman 2010). A company
    declares other borders in feedback.favourable.
#}
{% macro is_favourable(metric, score, scale_min, scale_max) -%}
    case
        {%- for rule in parameter('feedback_favourable') %}
        when
            {{ metric }} = '{{ rule["metric"] }}'
            and {{ scale_min }} = {{ rule['scale_min'] }}
            and {{ scale_max }} = {{ rule['scale_max'] }}
            then {{ score }} >= {{ rule['from_score'] }}
        {%- endfor %}
        when {{ metric }} = 'nps' then {{ score }} >= 9
        when {{ metric }} = 'csat' and {{ scale_max }} - {{ scale_min }} > 10
            then {{ score }} >= {{ scale_max }} - 0.2 * ({{ scale_max }} - {{ scale_min }})
        when {{ metric }} = 'csat'
            then {{ score }} >= {{ scale_max }} - 1 and {{ score }} > ({{ scale_min }} + {{ scale_max }}) / 2
        when {{ metric }} = 'ces' then {{ score }} > ({{ scale_min }} + {{ scale_max }}) / 2
    end
{%- endmacro %}

{# What favours or disfavours, in whole points: 1, 0 or -1 for NPS, 1 or 0 for shares, null for other metrics. #}
{% macro answer_point(metric, is_favourable, score) -%}
    cast(
        case
            when {{ metric }} = 'nps' and {{ score }} <= 6 then -1
            when {{ metric }} in ('nps', 'csat', 'ces') and {{ is_favourable }} then 1
            when {{ metric }} in ('nps', 'csat', 'ces') then 0
        end as bigint
    )
{%- endmacro %}

{# Touchpoint that a survey fact names; overall for a relational one that names none, unmapped for a transactional one. #}
{% macro asked_touchpoint(relation) -%}
    coalesce({{ relation }}.touchpoint, case when {{ relation }}.survey_type = 'relational' then 'overall' else 'unmapped' end)
{%- endmacro %}
