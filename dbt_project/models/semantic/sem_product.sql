select
    product_id,
    product_name,
    category_name
from {{ ref('dim_product') }}
