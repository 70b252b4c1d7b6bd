with mapped as (
    select
        'workforce:' || antwort_nr as answer_id,
        frage as question_id,
        'workforce' as source_system,
        pseudonym as employee_id,
        'team:' || bereich as unit_name,
        taetigkeit as role_name,
        beantwortet_am as answered_at,
        kennzahl as metric,
        punkte as score,
        case kennzahl when 'enps' then 0 else 1 end as scale_min,
        case kennzahl when 'enps' then 10 else 5 end as scale_max,
        nullif(freitext, '') as answer_text,
        {{ landing_columns() }}
    from {{ source('landing', 'workforce__enps') }}
)

{{ conform('employee_answer', missing=['updated_at']) }}
