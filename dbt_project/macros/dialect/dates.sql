{# What DuckDB and Spark write differently lives in this folder and nowhere else: dates. #}

{# Local calendar date, in the company's zone, of a UTC timestamp. #}
{% macro local_date(timestamp_utc) -%}
    {{ return(adapter.dispatch('local_date', 'cx')(timestamp_utc)) }}
{%- endmacro %}

{% macro default__local_date(timestamp_utc) -%}
    {#- The macro of the warehouse, which orchestration makes for the company's zone: the engine's own conversion costs ten
        times as much. -#}
    main.local_date({{ timestamp_utc }})
{%- endmacro %}

{% macro spark__local_date(timestamp_utc) -%}
    cast(from_utc_timestamp({{ timestamp_utc }}, '{{ parameter("time_zone") }}') as date)
{%- endmacro %}

{# Whole days from one date to another; negative when the second is earlier. #}
{% macro days_between(first_date, second_date) -%}
    {{ return(adapter.dispatch('days_between', 'cx')(first_date, second_date)) }}
{%- endmacro %}

{% macro default__days_between(first_date, second_date) -%}
    cast(date_diff('day', {{ first_date }}, {{ second_date }}) as bigint)
{%- endmacro %}

{% macro spark__days_between(first_date, second_date) -%}
    cast(datediff({{ second_date }}, {{ first_date }}) as bigint)
{%- endmacro %}

{# Whole seconds from one timestamp to another; negative when the second is earlier. #}
{% macro seconds_between(first_at, second_at) -%}
    {{ return(adapter.dispatch('seconds_between', 'cx')(first_at, second_at)) }}
{%- endmacro %}

{% macro default__seconds_between(first_at, second_at) -%}
    cast(date_diff('second', {{ first_at }}, {{ second_at }}) as double)
{%- endmacro %}

{% macro spark__seconds_between(first_at, second_at) -%}
    cast(timestampdiff(second, {{ first_at }}, {{ second_at }}) as double)
{%- endmacro %}

{# A date moved by whole days, as a date. #}
{% macro days_after(days, from_date) -%}
    cast({{ dbt.dateadd('day', days, from_date) }} as date)
{%- endmacro %}

{# First day of the month of a date, as a date. #}
{% macro month_of(date_column) -%}
    cast(date_trunc('month', {{ date_column }}) as date)
{%- endmacro %}

{# Last day of the month that begins on a date, as a date. #}
{% macro month_end(first_day) -%}
    {{ days_after(-1, dbt.dateadd('month', 1, first_day)) }}
{%- endmacro %}

{# One row for each day from one date to another, both included, as a date. #}
{% macro each_day(first_date, last_date) -%}
    {{ return(adapter.dispatch('each_day', 'cx')(first_date, last_date)) }}
{%- endmacro %}

{% macro default__each_day(first_date, last_date) -%}
    cast(unnest(generate_series({{ first_date }}, {{ last_date }}, interval '1' day)) as date)
{%- endmacro %}

{% macro spark__each_day(first_date, last_date) -%}
    explode(sequence({{ first_date }}, {{ last_date }}, interval '1' day))
{%- endmacro %}
