with mapped as (
    select
        'survey:' || response_no as response_id,
        question as question_id,
        'survey' as source_system,
        'survey:' || invitation_no as invitation_id,
        survey as survey_id,
        survey_type,
        customer_system || ':' || customer_no as record_id,
        touchpoint,
        channel,
        responded_at,
        metric,
        score,
        case metric when 'nps' then 0 else 1 end as scale_min,
        case metric when 'nps' then 10 when 'ces' then 7 else 5 end as scale_max,
        verbatim,
        language as language_code,
        {{ landing_columns() }}
    from {{ source('landing', 'survey__responses') }}
)

{{ conform('survey_response', missing=['wave', 'no_score_reason', 'weight']) }}
