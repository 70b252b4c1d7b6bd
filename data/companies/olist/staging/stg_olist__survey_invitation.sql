-- The file holds answered reviews only, so every invitation has its answer and the response rate says nothing here.
-- A review over two orders asked twice: the key is review and order. Only the latest version of an order is joined,
-- because several loads of one order would multiply the invitations.
with orders as (
    select
        order_id,
        customer_id,
        _load_sequence,
        row_number() over (
            partition by order_id
            order by _load_sequence desc nulls last, _source_file desc nulls last, _source_row desc nulls last
        ) as version_rank
    from {{ source('landing', 'shop__orders') }}
),

mapped as (
    select
        'olist:' || reviews.review_id || ':' || reviews.order_id as invitation_id,
        'olist' as source_system,
        'order_review' as survey_id,
        'transactional' as survey_type,
        'olist:' || orders.customer_id as record_id,
        'olist:' || reviews.order_id as order_id,
        'delivery' as touchpoint,
        'email' as channel,
        reviews.review_creation_date as invited_at,
        {{ landing_columns('reviews', 'orders') }}
    from {{ source('landing', 'shop__order_reviews') }} as reviews
    left join orders on reviews.order_id = orders.order_id and orders.version_rank = 1
)

{{ conform('survey_invitation') }}
