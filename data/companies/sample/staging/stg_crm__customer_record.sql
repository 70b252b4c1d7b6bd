with mapped as (
    select
        'crm:' || kontakt_nr as record_id,
        'crm' as source_system,
        'card:' || nullif(karten_nr, '') as source_person_id,
        case art when 'P' then 'person' when 'F' then 'company' end as customer_type,
        nullif(trim(vorname), '') as given_name,
        nullif(trim(nachname), '') as family_name,
        nullif(trim(firma), '') as company_name,
        nullif(trim(email), '') as email,
        nullif(trim(telefon), '') as phone,
        nullif(trim(ust_id), '') as tax_number,
        geburtsdatum as birth_date,
        nullif(trim(strasse), '') as street_address,
        nullif(trim(plz), '') as postal_code,
        nullif(trim(ort), '') as city,
        nullif(trim(bundesland), '') as region,
        nullif(trim(land), '') as country_code,
        nullif(trim(sprache), '') as language_code,
        case werbung when 'J' then true when 'N' then false end as has_marketing_consent,
        angelegt_am as created_at,
        geaendert_am as updated_at,
        {{ landing_columns() }}
    from {{ source('landing', 'crm__contacts') }}
)

{{ conform('customer_record') }}
