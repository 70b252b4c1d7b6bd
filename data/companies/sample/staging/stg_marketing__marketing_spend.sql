with mapped as (
    select
        'marketing:' || cast(datum as varchar) || ':' || herkunft as spend_id,
        'marketing' as source_system,
        datum as spent_on,
        herkunft as origin,
        kampagne as campaign_id,
        kanal as channel,
        kosten as cost_amount,
        'EUR' as currency_code,
        impressionen as impression_count,
        klicks as click_count,
        {{ landing_columns() }}
    from {{ source('landing', 'marketing__spend') }}
)

{{ conform('marketing_spend') }}
