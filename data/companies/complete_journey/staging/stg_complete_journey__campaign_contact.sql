-- Everyone in the file was mailed: nobody was held out, so all are treated and nothing here can be compared with a
-- control. The day of mailing is not known; a contact counts from the first day on which its coupons were good.
-- The response is the first coupon redeemed; all of them stand among the interactions. Only the latest version of a
-- campaign is joined, because several loads of one campaign would multiply the contacts.
with campaigns as (
    {{ latest_landed('marketing__campaign_descriptions', key=['campaign_id']) }}
),

redemptions as (
    select
        household_id,
        campaign_id,
        min(redemption_date) as responded_at,
        max(_load_sequence) as _load_sequence
    from {{ source('landing', 'marketing__coupon_redemptions') }}
    group by household_id, campaign_id
),

mapped as (
    select
        'journey:' || contacts.campaign_id || '-' || contacts.household_id as contact_id,
        'journey' as source_system,
        'journey:' || contacts.campaign_id as campaign_id,
        campaigns.campaign_type || ', campaign ' || contacts.campaign_id as campaign_name,
        'journey:' || contacts.household_id as record_id,
        'treatment' as arm,
        campaigns.start_date as contacted_at,
        'post' as channel,
        'coupons' as offer,
        redemptions.responded_at,
        case when redemptions.responded_at is not null then 'redeemed' end as response_type,
        {{ landing_columns('contacts', 'campaigns', 'redemptions') }}
    from {{ source('landing', 'marketing__campaigns') }} as contacts
    left join campaigns on contacts.campaign_id = campaigns.campaign_id
    left join redemptions
        on contacts.campaign_id = redemptions.campaign_id and contacts.household_id = redemptions.household_id
)

{{ conform('campaign_contact', missing=['updated_at', 'cost_amount', 'currency_code']) }}
