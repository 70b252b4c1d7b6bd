{# What a cell of int_experience__score_cell says: value, effective number and interval of a score. #}

{# Score from counts: NPS in points, a share for CSAT and CES, null for metrics that have a mean only. #}
{% macro score_of(metric, favourable, detractors, answers) -%}
    case
        when {{ metric }} = 'nps'
            then 100 * (cast({{ favourable }} as double) - {{ detractors }}) / nullif({{ answers }}, 0)
        when {{ metric }} in ('csat', 'ces') then cast({{ favourable }} as double) / nullif({{ answers }}, 0)
    end
{%- endmacro %}

{#
    Bound of the score at 95% with so many effective answers: adjusted Wald for NPS, Wilson for shares. `favourable` and
    `detractors` are shares of the answers.
#}
{% macro score_bound(metric, favourable, detractors, effective, bound) -%}
    case
        when {{ effective }} is null then null
        when {{ metric }} = 'nps'
            then {{ nps_adjusted_wald(
                '(' ~ favourable ~ ' * ' ~ effective ~ ')', '(' ~ detractors ~ ' * ' ~ effective ~ ')', effective, bound
            ) }}
        when {{ metric }} in ('csat', 'ces') and {{ favourable }} = {{ 0 if bound == 'low' else 1 }} and {{ effective }} > 0
            then cast({{ 0 if bound == 'low' else 1 }} as double)
        when {{ metric }} in ('csat', 'ces')
            then {{ wilson_formula('(' ~ favourable ~ ' * ' ~ effective ~ ')', effective, bound) }}
    end
{%- endmacro %}

{#
    Effective number of a cell's weighted answers: Kish's, or less where repeated customers take more, at least 1. Customers
    whose answers balance out each by himself have no spread between them, and take nothing.
#}
{% macro weighted_effective_count() -%}
    {%- set kish -%} weight * weight / nullif(squared_weight, 0) {%- endset -%}
    {%- set spread -%}
        (
            cluster_weighted_points2 - 2 * weighted_mean_point * cluster_weighted_points_weight
            + weighted_mean_point * weighted_mean_point * cluster_weight2
        )
        * (cast(customers as double) / (customers - 1)) * ((weighted_answers - 1) / cast(weighted_answers as double))
    {%- endset -%}
    case
        when weighted_answers = 0 then null
        when customers < 2 or weighted_answers < 2 then cast(1 as double)
        when weighted_variance <= 0 then weight * weight / nullif(cluster_weight2, 0)
        when {{ spread }} <= 0 then {{ kish }}
        else greatest(cast(1 as double), least({{ kish }}, weight * weight * weighted_variance / ({{ spread }})))
    end
{%- endmacro %}
