{# The company's parameters, written by orchestration from company.yml. A missing one is an error, never a default. #}
{% macro parameter(name) -%}
    {%- set parameters = fromjson(env_var('CX_DBT_PARAMETERS')) -%}
    {%- if name not in parameters -%}
        {{ exceptions.raise_compiler_error("CX_DBT_PARAMETERS has no '" ~ name ~ "'") }}
    {%- endif -%}
    {{ return(parameters[name]) }}
{%- endmacro %}

{# Days from the observation date back to each cut: scoring, test, calibration, then the training cuts. #}
{% macro churn_cut_ages() -%}
    {%- set ages = [] -%}
    {%- for number in range(parameter('churn_training_cuts') | int + 3) -%}
        {%- do ages.append(number * (parameter('churn_horizon_days') | int)) -%}
    {%- endfor -%}
    {{ return(ages) }}
{%- endmacro %}
