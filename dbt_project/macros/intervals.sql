{# Intervals at 95%. 1.959964 is the 97.5% quantile of the normal distribution. #}
{% macro z95() -%} 1.959963984540054 {%- endmacro %}

{#
    Bound of the Wilson score interval of a share (Wilson 1927; recommended by Brown, Cai and DasGupta 2001).
    `bound` is 'low' or 'high'; null when n is 0. No hits bound it by exactly 0 and hits alone by exactly 1, which the
    formula misses in its last bits.
#}
{% macro wilson(count_hit, count_all, bound) -%}
    case
        when {{ count_hit }} = {{ 0 if bound == 'low' else count_all }} and {{ count_all }} > 0
            then cast({{ 0 if bound == 'low' else 1 }} as double)
        else {{ wilson_formula(count_hit, count_all, bound) }}
    end
{%- endmacro %}

{% macro wilson_formula(count_hit, count_all, bound) -%}
    (
        (cast({{ count_hit }} as double) + {{ z95() }} * {{ z95() }} / 2)
        {{ '-' if bound == 'low' else '+' }} {{ z95() }} * sqrt(
            cast({{ count_hit }} as double) * (cast({{ count_all }} as double) - cast({{ count_hit }} as double))
            / nullif(cast({{ count_all }} as double), 0) + {{ z95() }} * {{ z95() }} / 4
        )
    ) / nullif(cast({{ count_all }} as double) + {{ z95() }} * {{ z95() }}, 0)
{%- endmacro %}

{#
    Bound of the adjusted Wald interval of an NPS, in points from -100 to 100 (Rocks 2016, The American Statistician
    70(4)): 3/4 of an answer is added to promoters and to detractors, 3/2 to passives, then Wald's interval is taken.
#}
{% macro nps_adjusted_wald(promoter_count, detractor_count, answer_count, bound) -%}
    {%- set n -%} (cast({{ answer_count }} as double) + 3) {%- endset -%}
    {%- set p -%} ((cast({{ promoter_count }} as double) + 0.75) / {{ n }}) {%- endset -%}
    {%- set d -%} ((cast({{ detractor_count }} as double) + 0.75) / {{ n }}) {%- endset -%}
    {%- set edge -%}
        ({{ p }} - {{ d }}) {{ '-' if bound == 'low' else '+' }} {{ z95() }} * sqrt(
            ({{ p }} + {{ d }} - ({{ p }} - {{ d }}) * ({{ p }} - {{ d }})) / {{ n }}
        )
    {%- endset -%}
    100 * {{ 'greatest(-1, ' if bound == 'low' else 'least(1, ' }}{{ edge }})
{%- endmacro %}
