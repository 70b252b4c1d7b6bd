{# The company's parameters, written by orchestration from company.yml. A missing one is an error, never a default. #}
{% macro parameter(name) -%}
    {%- set parameters = fromjson(env_var('CX_DBT_PARAMETERS')) -%}
    {%- if name not in parameters -%}
        {{ exceptions.raise_compiler_error("CX_DBT_PARAMETERS has no '" ~ name ~ "'") }}
    {%- endif -%}
    {{ return(parameters[name]) }}
{%- endmacro %}
