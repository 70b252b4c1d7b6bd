-- A lead is won when a deal names it, and becomes a seller, not a customer: record_id stays null. Only the latest
-- version of a deal is joined, because several loads of one deal would multiply the leads. Whether an open lead was
-- qualified or lost, the files do not say; neither when it changed, so the later load is the newer version.
with deals as (
    {{ latest_landed('marketing__closed_deals', key=['mql_id']) }}
),

mapped as (
    select
        'olist:' || leads.mql_id as lead_id,
        'olist' as source_system,
        leads.first_contact_date as created_at,
        leads.origin,
        case when deals.mql_id is null then 'open' else 'won' end as lead_status,
        deals.won_date as won_at,
        deals.seller_id as account_reference,
        {{ landing_columns('leads', 'deals') }}
    from {{ source('landing', 'marketing__qualified_leads') }} as leads
    left join deals on leads.mql_id = deals.mql_id
)

{{ conform('lead', missing=['record_id', 'updated_at', 'qualified_at', 'lost_at']) }}
