-- A response is one review of one order: 20 review_ids stand on two orders each, with equal scores and texts, and
-- both rows are kept, because each order was reviewed. By review_id alone the second order would lose its score.
-- Only the latest version of an order is joined, because several loads of one order would multiply the answers.
-- The file holds answered reviews only: who was asked and stayed silent is unknown, so there are no invitations, and no
-- response share, which would be 1 by construction. With them goes the time from asking (review_creation_date, which
-- the landing keeps) to answering.
with orders as (
    {{ latest_landed('shop__orders', key=['order_id']) }}
),

reviews as (
    select
        *,
        -- Title and message are two fields of one form; a field of blanks and line ends says nothing.
        nullif(trim(
            both ' ' || chr(9) || chr(10) || chr(13)
            from coalesce(review_comment_title, '') || chr(10) || coalesce(review_comment_message, '')
        ), '') as verbatim
    from {{ source('landing', 'shop__order_reviews') }}
),

mapped as (
    select
        'olist:' || reviews.review_id || ':' || reviews.order_id as response_id,
        'review_score' as question_id,
        'olist' as source_system,
        'order_review' as survey_id,
        'transactional' as survey_type,
        'olist:' || orders.customer_id as record_id,
        'delivery' as touchpoint,
        'email' as channel,
        reviews.review_answer_timestamp as responded_at,
        'csat' as metric,
        reviews.review_score as score,
        1 as scale_min,
        5 as scale_max,
        reviews.verbatim,
        case when reviews.verbatim is not null then 'pt' end as language_code,
        {{ landing_columns('reviews', 'orders') }}
    from reviews
    left join orders on reviews.order_id = orders.order_id
)

{{ conform('survey_response', missing=['invitation_id', 'wave', 'no_score_reason', 'weight']) }}
