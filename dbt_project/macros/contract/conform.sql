{# What a company's staging model ends in. #}

{#
    Ends a staging model: every column of the contract in its type, then the lineage columns. `missing` names the columns
    that the source does not have; they become typed nulls. A value that is none of its type becomes null too, and
    `_mistyped_columns` names its column, so that the row goes to quarantine and the others go on.
#}
{% macro conform(entity, missing=[], from_relation='mapped') -%}
    {%- set columns = contract_definition(entity)['columns'] -%}
    {%- for name in missing if name not in columns -%}
        {{ exceptions.raise_compiler_error("conform('" ~ entity ~ "'): missing names the unknown column '" ~ name ~ "'") }}
    {%- endfor -%}
select
    {%- for name, data_type in columns.items() %}
    {%- if name in missing %}
    cast(null as {{ data_type }}) as {{ name }},
    {%- elif data_type == 'string' %}
    cast({{ name }} as string) as {{ name }},
    {%- else %}
    try_cast({{ name }} as {{ data_type }}) as {{ name }},
    {%- endif %}
    {%- endfor %}
    {%- for name, data_type in lineage_columns().items() %}
    cast({{ name }} as {{ data_type }}) as {{ name }},
    {%- endfor %}
    {{ mistyped_columns(columns, missing) }} as _mistyped_columns
from {{ from_relation }}
{%- endmacro %}

{# Names of the columns that hold a value which is none of their type, joined by commas; null when there is none. #}
{% macro mistyped_columns(columns, missing) -%}
    {%- set judged = [] -%}
    {%- for name, data_type in columns.items() if data_type != 'string' and name not in missing -%}
        {%- do judged.append((name, is_mistyped(name, data_type))) -%}
    {%- endfor -%}
    {%- if not judged -%}
    cast(null as string)
    {%- else -%}
    case
        when
            {%- for name, condition in judged %}
            ({{ condition }}){{ ' or' if not loop.last }}
            {%- endfor %}
            then substr(
                {%- for name, condition in judged %}
                case when {{ condition }} then ',{{ name }}' else '' end{{ ' ||' if not loop.last }}
                {%- endfor %}, 2
            )
    end
    {%- endif -%}
{%- endmacro %}
