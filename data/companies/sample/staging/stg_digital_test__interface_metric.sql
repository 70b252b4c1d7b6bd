with mapped as (
    select
        'digital:' || messung_nr as metric_id,
        'digital' as source_system,
        'app' as interface_name,
        plattform as platform,
        version as release_name,
        aufgabe as task_name,
        tag as measured_on,
        kennzahl as metric,
        wert as metric_value,
        case kennzahl when 'time_on_task' then 'seconds' else 'share' end as unit,
        teilnehmer as sample_size,
        {{ landing_columns() }}
    from {{ source('landing', 'digital__task_tests') }}
)

{{ conform('interface_metric') }}
