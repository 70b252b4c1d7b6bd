{# Fails on rows for which the condition is not true; a condition that ends in null fails too. #}
{% test holds(model, condition) %}
select *
from {{ model }}
where not coalesce({{ condition }}, false)
{% endtest %}
