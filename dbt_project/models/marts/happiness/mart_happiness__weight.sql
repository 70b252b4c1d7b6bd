select
    cast(weight.touchpoint as string) as touchpoint,
    cast(weight.index_weight as double) as index_weight,
    cast(weight.weight_standard_error as double) as weight_standard_error,
    cast(weight.weight_basis as string) as weight_basis
from {{ source('scores', 'happiness_weight') }} as weight
