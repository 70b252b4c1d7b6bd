with mapped as (
    select
        'service_crm:' || id as record_id,
        'service_crm' as source_system,
        case type when 'person' then 'person' when 'organisation' then 'company' end as customer_type,
        first_name as given_name,
        last_name as family_name,
        company as company_name,
        trim(mail) as email,
        tel as phone,
        tax_no as tax_number,
        born as birth_date,
        split_part(address, ', ', 1) as street_address,
        zip as postal_code,
        city,
        country as country_code,
        lang as language_code,
        opt_in as has_marketing_consent,
        created_at,
        updated_at,
        {{ landing_columns() }}
    from {{ source('landing', 'service_crm__persons') }}
)

{{ conform('customer_record', missing=['source_person_id', 'region']) }}
