select
    customer_id,
    min_by(given_name, survivor_rank) filter (where given_name is not null) as given_name,
    min_by(family_name, survivor_rank) filter (where family_name is not null) as family_name,
    min_by(company_name, survivor_rank) filter (where company_name is not null) as company_name,
    min_by(email, survivor_rank) filter (where email is not null) as email,
    min_by(phone, survivor_rank) filter (where phone is not null) as phone,
    min_by(tax_number, survivor_rank) filter (where tax_number is not null) as tax_number,
    min_by(birth_date, survivor_rank) filter (where birth_date is not null) as birth_date,
    max(street_address) filter (where survivor_rank = address_rank) as street_address,
    max(postal_code) filter (where survivor_rank = address_rank) as postal_code,
    max(city) filter (where survivor_rank = address_rank) as city,
    max(region) filter (where survivor_rank = address_rank) as region,
    min_by(country_code, survivor_rank) filter (where country_code is not null) as country_code
from {{ ref('int_customer__survivor') }}
group by customer_id
