with mapped as (
    select
        'workforce:' || interview_no as interview_id,
        'workforce' as source_system,
        employee as employee_id,
        'team:' || unit as unit_name,
        role as role_name,
        last_day as left_on,
        held_at as interviewed_at,
        tenure_days,
        own_notice as is_voluntary,
        reason as reason_name,
        recommend as recommend_score,
        answer as answer_text,
        {{ landing_columns() }}
    from {{ source('landing', 'workforce__exit_interviews') }}
)

{{ conform('exit_interview') }}
