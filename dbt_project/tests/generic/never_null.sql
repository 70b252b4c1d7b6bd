{# Fails on rows with a null in any of the columns. One test for all of them: each costs as much as a model. #}
{% test never_null(model, columns) %}
select {{ columns | join(', ') }}
from {{ model }}
where {{ columns | join(' is null or ') }} is null
{% endtest %}
