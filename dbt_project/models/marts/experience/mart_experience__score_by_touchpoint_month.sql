-- The cells of mart_experience__score that people ask for first.
select
    period_start as score_month,
    survey_type,
    touchpoint,
    metric,
    scale_min,
    scale_max,
    response_count,
    favourable_count,
    detractor_count,
    score_value,
    mean_score,
    interval_low,
    interval_high,
    is_suppressed,
    counted_until_date,
    snapshot_sequence
from {{ ref('mart_experience__score') }}
where period = 'month' and cut = 'touchpoint'
