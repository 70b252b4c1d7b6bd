with mapped as (
    select
        'digital:' || rating_no as metric_id,
        'digital' as source_system,
        'app' as interface_name,
        platform,
        release as release_name,
        day as measured_on,
        'store_rating' as metric,
        mean_stars as metric_value,
        'stars' as unit,
        ratings as sample_size,
        {{ landing_columns() }}
    from {{ source('landing', 'digital__app_ratings') }}
)

{{ conform('interface_metric', missing=['task_name']) }}
