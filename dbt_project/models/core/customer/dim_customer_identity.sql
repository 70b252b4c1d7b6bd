select
    customer_id,
    {% for field in golden_fields() if field not in ('country_code', 'language_code', 'address') -%}
    min_by({{ field }}, {{ field }}_place) filter (where {{ field }} is not null) as {{ field }},
    {% endfor -%}
    max(street_address) filter (where survivor_rank = address_rank) as street_address,
    max(postal_code) filter (where survivor_rank = address_rank) as postal_code,
    max(city) filter (where survivor_rank = address_rank) as city,
    max(region) filter (where survivor_rank = address_rank) as region,
    min_by(country_code, country_code_place) filter (where country_code is not null) as country_code
from {{ ref('int_customer__survivor') }}
group by customer_id
