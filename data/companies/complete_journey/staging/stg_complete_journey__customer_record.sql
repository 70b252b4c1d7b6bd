-- No file lists the households: whoever bought, told about itself or was mailed is one, and the first row that names it
-- stands for it. A household has one card, so a record is a customer. What demographics says (bands of age and income)
-- has no column in the contract.
with mentions as (
    {% for table_name in ['shop__transactions', 'shop__demographics', 'marketing__campaigns'] -%}
    select
        household_id,
        {{ loop.index }} as file_rank,
        {{ landing_columns() }}
    from {{ source('landing', table_name) }}
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

households as (
    select
        *,
        row_number() over (
            partition by household_id
            order by
                file_rank asc nulls last, _load_sequence asc nulls last, _source_file asc nulls last,
                _source_row asc nulls last
        ) as mention_rank
    from mentions
),

mapped as (
    select
        'journey:' || household_id as record_id,
        'journey' as source_system,
        household_id as source_person_id,
        'person' as customer_type,
        'US' as country_code,
        {{ landing_columns() }}
    from households
    where mention_rank = 1
)

{{ conform('customer_record', missing=[
    'given_name', 'family_name', 'company_name', 'email', 'phone', 'tax_number', 'birth_date', 'street_address',
    'postal_code', 'city', 'region', 'language_code', 'has_marketing_consent', 'created_at', 'updated_at'
]) }}
