{# Periods and cuts of scores, and what a cell says: read by the score marts. #}

{# Periods that scores are published for. #}
{% macro score_periods() -%}
    {{ return(['day', 'week', 'month', 'quarter', 'year', 'rolling_30', 'rolling_90', 'all_time']) }}
{%- endmacro %}

{# First day of the period that a date lies in; `observation` must be in scope. #}
{% macro score_period_start(period, dated) -%}
    {%- if period == 'day' -%} {{ dated }}
    {%- elif period == 'all_time' -%} cast('1990-01-01' as date)
    {%- elif period.startswith('rolling_') -%} {{ rolling_start(dated, period.removeprefix('rolling_')) }}
    {%- else -%} {{ period_of(period, dated) }}
    {%- endif -%}
{%- endmacro %}

{# First day of the window of so many days that a date lies in; windows follow each other back from the observation date. #}
{% macro rolling_start(dated, days) -%}
    {%- set window -%}
        cast(floor({{ days_between(dated, 'observation.as_of_date') }} / {{ days }}.0) as bigint)
    {%- endset -%}
    {{ days_after('1 - ' ~ days ~ ' * (' ~ window ~ ' + 1)', 'observation.as_of_date') }}
{%- endmacro %}

{# Last day of a period by its name and first day. #}
{% macro score_period_end(period, period_start) -%}
    case {{ period }}
        when 'day' then {{ period_start }}
        when 'week' then {{ days_after(6, period_start) }}
        when 'rolling_30' then {{ days_after(29, period_start) }}
        when 'rolling_90' then {{ days_after(89, period_start) }}
        {%- for name in ['month', 'quarter', 'year'] %}
        when '{{ name }}' then {{ days_after(-1, dbt.dateadd(name, 1, period_start)) }}
        {%- endfor %}
        else observation.as_of_date
    end
{%- endmacro %}

{% macro cut_columns() -%}
    {{ return(['touchpoint', 'channel', 'product_category', 'segment']) }}
{%- endmacro %}

{# What scores are cut by: nothing, each column alone, the company's combinations. #}
{% macro score_cuts() -%}
    {{ return(['all'] + cut_columns() + parameter('feedback_combined_cuts')) }}
{%- endmacro %}

{# The cuts as grouping sets, each with the columns that every cell has. #}
{% macro cut_sets(always) -%}
    {%- for cut in score_cuts() %}
        ({{ always | join(', ') }}{{ ', ' ~ cut.split('+') | join(', ') if cut != 'all' }}){{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# Name of a row's cut, told from what it was grouped by. #}
{% macro cut_name() -%}
    case
        {%- for cut in score_cuts() %}
        when
            {%- for column in cut_columns() %}
            {{ 'and ' if not loop.first }}grouping({{ column }}) = {{ 0 if column in cut.split('+') else 1 }}
            {%- endfor %}
            then '{{ cut }}'
        {%- endfor %}
    end
{%- endmacro %}

{#
    How many times the variance of a simple sample a cell has because customers answer several times: linearised sums by
    customer (Kish 1965; Wolter 2007, chapter 6), at least 1 and at most the number of answers. Where all answers are
    alike nothing is known of how customers repeat themselves: each counts once.
    `y`, `y2`, `yn`, `n2`: sums over customers of squares and products of sum and number of answers.
#}
{% macro design_effect(n, clusters, mean, variance, y2, yn, n2) -%}
    case
        when {{ clusters }} < 2 then cast({{ n }} as double)
        when {{ variance }} <= 0 then cast({{ n2 }} as double) / {{ n }}
        else least(cast({{ n }} as double), greatest(
            cast(1 as double),
            (cast({{ y2 }} as double) - 2 * {{ mean }} * cast({{ yn }} as double)
                + {{ mean }} * {{ mean }} * cast({{ n2 }} as double))
            / ({{ n }} * {{ variance }})
            * (cast({{ clusters }} as double) / ({{ clusters }} - 1)) * (({{ n }} - 1) / cast({{ n }} as double))
        ))
    end
{%- endmacro %}

{# 97.5% quantile of Student's t: exact to three degrees of freedom, above by Abramowitz and Stegun 26.7.5 to 0.001. #}
{% macro student_t95(df) -%}
    case
        when {{ df }} = 1 then 12.706204736
        when {{ df }} = 2 then 4.302652730
        when {{ df }} = 3 then 3.182446305
        else
            {{ z95() }} + 2.372271230298562 / nullif({{ df }}, 0) + 2.8224986157396112 / nullif(power({{ df }}, 2), 0)
            + 2.555849679507722 / nullif(power({{ df }}, 3), 0) + 1.5895340533938225 / nullif(power({{ df }}, 4), 0)
    end
{%- endmacro %}
