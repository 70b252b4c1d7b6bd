with mapped as (
    select
        'crm:' || empfehlung_nr as referral_id,
        'crm' as source_system,
        kunden_system || ':' || kunden_nr as record_id,
        nullif(neu_system, '') || ':' || nullif(neu_nr, '') as referred_record_id,
        empfohlen_am as referred_at,
        geaendert_am as updated_at,
        geworben_am as converted_at,
        weg as channel,
        praemie as reward_amount,
        'EUR' as currency_code,
        status as referral_status,
        {{ landing_columns() }}
    from {{ source('landing', 'crm__referrals') }}
)

{{ conform('referral') }}
