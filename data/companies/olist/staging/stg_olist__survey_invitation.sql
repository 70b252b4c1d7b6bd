-- The file holds answered reviews only, so every invitation has its answer and the response rate says nothing here.
-- A review over two orders asked twice: the key is review and order. Only the latest version of an order is joined,
-- because several loads of one order would multiply the invitations.
with orders as (
    {{ latest_landed('shop__orders', key=['order_id']) }}
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
    left join orders on reviews.order_id = orders.order_id
)

{{ conform('survey_invitation') }}
