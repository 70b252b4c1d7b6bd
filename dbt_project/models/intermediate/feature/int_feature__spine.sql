-- Who is looked at on which day, and for what. A use adds the model of its own population here; what is computed for a
-- customer and a day is computed once, however many uses want it.
{% for use_name, population in {'churn': 'int_churn__eligible_customer'}.items() -%}
select
    '{{ use_name }}' as use_name,
    customer_id,
    observation_date
from {{ ref(population) }}
{{ 'union all' if not loop.last }}
{% endfor %}
