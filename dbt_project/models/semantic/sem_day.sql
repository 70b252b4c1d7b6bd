-- The time spine. Contracts accept no fact before 1990.
select {{ each_day("cast('1990-01-01' as date)", 'observation.as_of_date') }} as date_day
from {{ ref('dim_observation') }} as observation
