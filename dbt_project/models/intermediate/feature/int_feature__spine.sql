-- Who is looked at on which day, and for what. A use brings int_<use>__eligible_customer, and orchestration finds it by
-- its name; what is computed for a customer and a day is computed once, however many uses want it.
{% for use_name in parameter('feature_uses') -%}
select
    '{{ use_name }}' as use_name,
    customer_id,
    observation_date
from {{ ref('int_' ~ use_name ~ '__eligible_customer') }}
{{ 'union all' if not loop.last }}
{% endfor %}
