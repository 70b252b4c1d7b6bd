{# Fields of a customer that each survive from one record of theirs; an address is one field, taken whole. #}
{% macro golden_fields() -%}
    {{ return([
        'given_name', 'family_name', 'company_name', 'email', 'phone', 'tax_number', 'birth_date', 'country_code',
        'language_code', 'address'
    ]) }}
{%- endmacro %}

{# What decides about a field, in this order; the record changed last where the company says nothing. #}
{% macro golden_criteria(field) -%}
    {{ return(parameter('identity_survivorship').get(field, ['recency'])) }}
{%- endmacro %}

{% macro golden_value(field, relation) -%}
    {%- if field == 'address' -%}
        case when {{ relation }}.has_address then concat_ws(
            '|', coalesce({{ relation }}.street_address, ''), coalesce({{ relation }}.postal_code, ''),
            coalesce({{ relation }}.city, ''), coalesce({{ relation }}.region, '')
        ) end
    {%- else -%}
        cast({{ relation }}.{{ field }} as string)
    {%- endif -%}
{%- endmacro %}

{# Records of the customer that say the same of a field, for the fields that agreement decides. #}
{% macro golden_agreements(relation='ranked_record') -%}
    {%- for field in golden_fields() if 'agreement' in golden_criteria(field) -%}
        count(*) over (
            partition by {{ relation }}.customer_id, lower({{ golden_value(field, relation) }})
        ) as {{ field }}_agreement,
    {% endfor -%}
{%- endmacro %}

{# Place of the record (1 is first) among those of its customer, for one field: those that have the field come before
   those that do not, then by the criteria, then as `survivor_rank` has them. #}
{% macro field_rank(field, relation='counted_record') -%}
    {%- set criteria = golden_criteria(field) -%}
    {%- if criteria == ['recency'] and field != 'address' -%}
        {{ relation }}.survivor_rank
    {%- else -%}
        row_number() over (
            partition by {{ relation }}.customer_id
            order by
                case when {{ golden_value(field, relation) }} is null then 1 else 0 end asc nulls last,
                {%- for criterion in criteria %}
                {{ golden_order(criterion, field, relation) }},
                {%- endfor %}
                {{ relation }}.survivor_rank asc nulls last
        )
    {%- endif -%}
{%- endmacro %}

{% macro golden_order(criterion, field, relation) -%}
    {%- if criterion == 'recency' -%}
        {{ relation }}.updated_at desc nulls last
    {%- elif criterion == 'trust' -%}
        {{ source_trust(relation) }} asc nulls last
    {%- elif criterion == 'completeness' -%}
        length({{ golden_value(field, relation) }}) desc nulls last
    {%- elif criterion == 'validity' -%}
        {{ golden_fault(field, relation) }} asc nulls last
    {%- elif criterion == 'agreement' -%}
        {{ relation }}.{{ field }}_agreement desc nulls last
    {%- endif -%}
{%- endmacro %}

{# 1 for a value that cannot be one: an address of e-mail without a domain, a telephone of less than six characters.
   What a contract refuses or blanks, such as a date of birth after the observation date, is none already. #}
{% macro golden_fault(field, relation) -%}
    {%- set value = golden_value(field, relation) -%}
    {%- if field == 'email' -%}
        case when {{ value }} like '%_@_%._%' and {{ value }} not like '% %' then 0 else 1 end
    {%- elif field == 'phone' -%}
        case when length(trim({{ value }})) >= 6 then 0 else 1 end
    {%- else -%}
        0
    {%- endif -%}
{%- endmacro %}

{# Place of the record's source among those that the company trusts; the others come after them. #}
{% macro source_trust(relation) -%}
    {%- set trusted = parameter('identity_trusted_sources') -%}
    {%- if trusted -%}
        case {{ relation }}.source_system
            {%- for source in trusted %} when '{{ source | replace("'", "''") }}' then {{ loop.index }}{% endfor %}
            else {{ trusted | length + 1 }} end
    {%- else -%}
        1
    {%- endif -%}
{%- endmacro %}

{# Whether the record has the field. #}
{% macro golden_given(field) -%}
    survivor.{{ 'has_address' if field == 'address' else field ~ ' is not null' }}
{%- endmacro %}

{# The criteria of a field, for readers. #}
{% macro golden_reason(field) -%}
    {{ golden_criteria(field) | join(', then ') }}
{%- endmacro %}
