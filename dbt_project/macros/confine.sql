{#
    Before anything runs: what a company's staging SQL may read is its own landing and nothing else on this machine or the
    network. The engine takes no such word back while the warehouse is open.
#}
{% macro confine() -%}
    {%- set landing = env_var('CX_DBT_LANDING_DIR', '') -%}
    {%- if execute and landing and target.type == 'duckdb' -%}
        {%- set found = run_query("select current_setting('enable_external_access') as is_open") -%}
        {%- if found.columns[0].values()[0] | string | lower == 'true' -%}
set allowed_directories = ['{{ landing | replace("'", "''") }}']; set enable_external_access = false
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
