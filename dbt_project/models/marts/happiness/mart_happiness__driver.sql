select
    cast(driver.segment as string) as segment,
    cast(driver.touchpoint as string) as touchpoint,
    cast(driver.answers as bigint) as answer_count,
    cast(driver.respondents as bigint) as respondent_count,
    cast(driver.method as string) as method,
    cast(driver.r_squared as double) as r_squared,
    cast(driver.r2_share as double) as r2_share,
    cast(driver.share_low as double) as share_low,
    cast(driver.share_high as double) as share_high,
    cast(driver.importance as double) as importance,
    cast(driver.correlation as double) as correlation,
    cast(driver.p_value as double) as p_value,
    cast(driver.is_beyond_chance as boolean) as is_beyond_chance,
    cast(driver.performance_score as double) as performance_score,
    cast(driver.quadrant as string) as quadrant,
    cast(driver.left_out_reason as string) as left_out_reason,
    driver.answers < {{ parameter('minimum_answers') }} as is_suppressed
from {{ source('scores', 'satisfaction_driver') }} as driver
