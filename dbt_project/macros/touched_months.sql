{#
    Months that an incremental mart has to rebuild, told from its own highest snapshot_sequence and its own last
    counted day, so that a run that died in between loses nothing. Too many months cost time, one too few costs truth.
#}

{# A further condition that leaves an incremental model the touched months only; nothing in a full build. #}
{% macro and_touched(month, column) -%}
    {%- if is_incremental() -%} and {{ month }} in (select touched_month.{{ column }} from touched_month) {%- endif -%}
{%- endmacro %}

{# What the mart itself has seen: snapshot_sequence, counted_until_date. One row, also for an empty mart. #}
{% macro mart_state(target) -%}
    select
        coalesce(max(held.snapshot_sequence), -1) as snapshot_sequence,
        coalesce(max(held.counted_until_date), cast('1900-01-01' as date)) as counted_until_date
    from {{ target }} as held
{%- endmacro %}

{# Whether a fact is new to the mart: written since, or of a day that the observation date moved over. #}
{% macro is_new_to_mart(fact, date_column) -%}
    {{ fact }}.snapshot_sequence > mart_state.snapshot_sequence
        or {{ fact }}.{{ date_column }} > least(mart_state.counted_until_date, observation.as_of_date)
{%- endmacro %}

{# Keys of which a load told that they are gone, or that staging named no more, since the mart was last built. #}
{% macro deleted_since(entity) -%}
    select deletion.leading_key
    from {{ ref('int_contract__deletion') }} as deletion
    cross join mart_state
    where deletion.entity = '{{ entity }}' and deletion.snapshot_sequence > mart_state.snapshot_sequence
    union
    select departure.leading_key
    from {{ ref('int_contract__departure') }} as departure
    cross join mart_state
    where departure.entity = '{{ entity }}' and departure.snapshot_sequence > mart_state.snapshot_sequence
{%- endmacro %}

{# Months that the mart holds and counted until another day than it would now. #}
{% macro recounted_month(target, month) -%}
    select held.{{ month }} as happened_date
    from {{ target }} as held
    cross join {{ ref('dim_observation') }} as observation
    where held.counted_until_date <> least({{ month_end('held.' ~ month) }}, observation.as_of_date)
{%- endmacro %}

{#
    Activity: months of every version of orders that changed or that the observation date moved over, months of orders
    whose record changed hands, months whose number of new customers is no longer what it was, and all when the first
    payment comes.
#}
{% macro touched_activity_month(target) -%}
with mart_state as (
    {{ mart_state(target) }}
),

happened as (
    select order_id, occurred_date as happened_date, snapshot_sequence from {{ ref('fct_transaction_line') }}
    union all
    select order_id, ordered_date as happened_date, snapshot_sequence from {{ ref('fct_sales_order') }}
    union all
    select order_id, paid_date as happened_date, snapshot_sequence from {{ ref('int_sales__dated_payment') }}
),

changed_fact as (
    select line.line_id as fact_id
    from {{ ref('fct_transaction_line') }} as line
    cross join mart_state
    where line.snapshot_sequence > mart_state.snapshot_sequence
    union
    select payment.payment_id as fact_id
    from {{ ref('fct_payment') }} as payment
    cross join mart_state
    where payment.snapshot_sequence > mart_state.snapshot_sequence
    union
    {{ deleted_since('transaction_line') }}
    union
    {{ deleted_since('payment') }}
),

changed_order as (
    select happened.order_id
    from happened
    cross join mart_state
    cross join {{ ref('dim_observation') }} as observation
    where
        {{ is_new_to_mart('happened', 'happened_date') }}
    union
    -- The order that a changed line or payment belonged to before.
    select version.order_id
    from {{ ref('int_sales__order_version') }} as version
    inner join changed_fact on version.fact_id = changed_fact.fact_id
    union
    {{ deleted_since('sales_order') }}
),

changed_record as (
    select distinct bridge.record_id
    from {{ ref('bridge_record_customer') }} as bridge
    cross join mart_state
    where bridge.snapshot_sequence > mart_state.snapshot_sequence
),

touched_date as (
    select happened.happened_date
    from happened
    inner join changed_order on happened.order_id = changed_order.order_id
    where happened.happened_date is not null
    union all
    select {{ local_date('version.happened_at') }} as happened_date
    from {{ ref('int_sales__order_version') }} as version
    inner join changed_order on version.order_id = changed_order.order_id
    union all
    select sales_order.purchase_date as happened_date
    from {{ ref('int_sales__order') }} as sales_order
    inner join changed_record on sales_order.record_id = changed_record.record_id
    union all
    {{ recounted_month(target, 'activity_month') }}
    union all
    select coalesce(held.activity_month, present.activity_month) as happened_date
    from {{ target }} as held
    full outer join {{ ref('int_value__new_customer_month') }} as present
        on held.activity_month = present.activity_month and held.currency_code = present.currency_code
    where coalesce(held.new_customer_count, 0) <> coalesce(present.new_customer_count, 0)
    union all
    -- History that came late moves the first known order.
    select held.activity_month as happened_date
    from {{ target }} as held
    where held.is_warm_up <> {{ is_warm_up('held.activity_month') }}
    union all
    -- The first payment of all turns unknown into 0 in every month.
    select held.activity_month as happened_date
    from {{ target }} as held
    where (held.paid_amount is null) = {{ has_payments() }}
)

select distinct {{ month_of('happened_date') }} as activity_month
from touched_date
{%- endmacro %}

{# Answers that are new to a mart of the surveys. #}
{% macro changed_response() -%}
    select distinct response.response_id
    from {{ ref('fct_survey_response') }} as response
    cross join mart_state
    cross join {{ ref('dim_observation') }} as observation
    where
        {{ is_new_to_mart('response', 'responded_date') }}
    union
    {{ deleted_since('survey_response') }}
{%- endmacro %}

{# Scores: months of every version of answers that changed or that the observation date moved over. #}
{% macro touched_score_month(target) -%}
with mart_state as (
    {{ mart_state(target) }}
),

changed_response as (
    {{ changed_response() }}
),

touched_date as (
    select {{ local_date('version.happened_at') }} as happened_date
    from {{ ref('int_experience__answer_version') }} as version
    inner join changed_response on version.response_id = changed_response.response_id
    union all
    {{ recounted_month(target, 'score_month') }}
)

select distinct {{ month_of('happened_date') }} as score_month
from touched_date
{%- endmacro %}

{#
    Responses: months of every version of invitations that changed or that the observation date moved over, and of
    invitations that any version of such an answer named. The answer's own month does not matter.
#}
{% macro touched_response_month(target) -%}
with mart_state as (
    {{ mart_state(target) }}
),

changed_response as (
    {{ changed_response() }}
),

changed_invitation as (
    select invitation.invitation_id
    from {{ ref('fct_survey_invitation') }} as invitation
    cross join mart_state
    cross join {{ ref('dim_observation') }} as observation
    where
        {{ is_new_to_mart('invitation', 'invited_date') }}
    union
    {{ deleted_since('survey_invitation') }}
    union
    select version.invitation_id
    from {{ ref('int_experience__answer_version') }} as version
    inner join changed_response on version.response_id = changed_response.response_id
    where version.invitation_id is not null
),

touched_date as (
    select {{ local_date('version.happened_at') }} as happened_date
    from {{ ref('int_experience__invitation_version') }} as version
    inner join changed_invitation on version.invitation_id = changed_invitation.invitation_id
    union all
    {{ recounted_month(target, 'invited_month') }}
)

select distinct {{ month_of('happened_date') }} as invited_month
from touched_date
{%- endmacro %}
