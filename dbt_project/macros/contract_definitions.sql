{# Rendered by `python -m orchestration.dbt.contract_files`; change cx_assets/contracts/entities instead. #}
{% macro contract_definitions() -%}
{{ return({
    "campaign_contact": {
        "key": [
            "contact_id"
        ],
        "version_order": [
            "updated_at"
        ],
        "core_relation": "fct_campaign_contact",
        "columns": {
            "contact_id": "string",
            "source_system": "string",
            "campaign_id": "string",
            "campaign_name": "string",
            "record_id": "string",
            "arm": "string",
            "contacted_at": "timestamp",
            "updated_at": "timestamp",
            "channel": "string",
            "offer": "string",
            "responded_at": "timestamp",
            "response_type": "string",
            "cost_amount": "decimal(18,2)",
            "currency_code": "string"
        },
        "blanked": {},
        "rules": [
            {
                "name": "contact_id_required",
                "sql": "(contact_id is null or trim(contact_id) = '')",
                "reason": "contact_id is missing."
            },
            {
                "name": "source_system_required",
                "sql": "(source_system is null or trim(source_system) = '')",
                "reason": "source_system is missing."
            },
            {
                "name": "campaign_id_required",
                "sql": "(campaign_id is null or trim(campaign_id) = '')",
                "reason": "campaign_id is missing."
            },
            {
                "name": "record_id_required",
                "sql": "(record_id is null or trim(record_id) = '')",
                "reason": "record_id is missing."
            },
            {
                "name": "arm_required",
                "sql": "(arm is null or trim(arm) = '')",
                "reason": "arm is missing."
            },
            {
                "name": "arm_allowed",
                "sql": "arm is not null and arm not in ('treatment', 'control')",
                "reason": "arm is none of: treatment, control."
            },
            {
                "name": "contacted_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',contacted_at,')",
                "reason": "contacted_at is no valid timestamp."
            },
            {
                "name": "contacted_at_required",
                "sql": "contacted_at is null and (_mistyped_columns is null or not contains(',' || _mistyped_columns || ',', ',contacted_at,'))",
                "reason": "contacted_at is missing."
            },
            {
                "name": "contacted_at_min",
                "sql": "contacted_at is not null and contacted_at < cast('1990-01-01' as timestamp)",
                "reason": "contacted_at is below 1990-01-01."
            },
            {
                "name": "updated_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',updated_at,')",
                "reason": "updated_at is no valid timestamp."
            },
            {
                "name": "responded_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',responded_at,')",
                "reason": "responded_at is no valid timestamp."
            },
            {
                "name": "response_type_allowed",
                "sql": "response_type is not null and response_type not in ('opened', 'clicked', 'redeemed', 'replied', 'unsubscribed')",
                "reason": "response_type is none of: opened, clicked, redeemed, replied, unsubscribed."
            },
            {
                "name": "cost_amount_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',cost_amount,')",
                "reason": "cost_amount is no valid decimal(18,2)."
            },
            {
                "name": "cost_amount_min",
                "sql": "cost_amount is not null and cost_amount < 0",
                "reason": "cost_amount is below 0."
            },
            {
                "name": "currency_code_iso_4217",
                "sql": "currency_code is not null and currency_code not in ('AED', 'AFN', 'ALL', 'AMD', 'ANG', 'AOA', 'ARS', 'ATS', 'AUD', 'AWG', 'AZM', 'AZN', 'BAM', 'BBD', 'BDT', 'BEF', 'BGL', 'BGN', 'BHD', 'BIF', 'BMD', 'BND', 'BOB', 'BRL', 'BSD', 'BTN', 'BWP', 'BYN', 'BYR', 'BZD', 'CAD', 'CDF', 'CHF', 'CLF', 'CLP', 'CNY', 'COP', 'CRC', 'CUC', 'CUP', 'CVE', 'CYP', 'CZK', 'DEM', 'DJF', 'DKK', 'DOP', 'DZD', 'EEK', 'EGP', 'ERN', 'ESP', 'ETB', 'EUR', 'FIM', 'FJD', 'FKP', 'FRF', 'GBP', 'GEL', 'GHC', 'GHS', 'GIP', 'GMD', 'GNF', 'GRD', 'GTQ', 'GYD', 'HKD', 'HNL', 'HRK', 'HTG', 'HUF', 'IDR', 'IEP', 'ILS', 'INR', 'IQD', 'IRR', 'ISK', 'ITL', 'JMD', 'JOD', 'JPY', 'KES', 'KGS', 'KHR', 'KMF', 'KPW', 'KRW', 'KWD', 'KYD', 'KZT', 'LAK', 'LBP', 'LKR', 'LRD', 'LSL', 'LTL', 'LUF', 'LVL', 'LYD', 'MAD', 'MDL', 'MGA', 'MKD', 'MMK', 'MNT', 'MOP', 'MRO', 'MRU', 'MTL', 'MUR', 'MVR', 'MWK', 'MXN', 'MYR', 'MZM', 'MZN', 'NAD', 'NGN', 'NIO', 'NLG', 'NOK', 'NPR', 'NZD', 'OMR', 'PAB', 'PEN', 'PGK', 'PHP', 'PKR', 'PLN', 'PTE', 'PYG', 'QAR', 'ROL', 'RON', 'RSD', 'RUB', 'RWF', 'SAR', 'SBD', 'SCR', 'SDD', 'SDG', 'SEK', 'SGD', 'SHP', 'SIT', 'SKK', 'SLE', 'SLL', 'SOS', 'SRD', 'SSP', 'STD', 'STN', 'SVC', 'SYP', 'SZL', 'THB', 'TJS', 'TMM', 'TMT', 'TND', 'TOP', 'TRL', 'TRY', 'TTD', 'TWD', 'TZS', 'UAH', 'UGX', 'USD', 'UYI', 'UYU', 'UZS', 'VEB', 'VED', 'VEF', 'VES', 'VND', 'VUV', 'WST', 'XAF', 'XCD', 'XCG', 'XDR', 'XOF', 'XPF', 'YER', 'ZAR', 'ZMK', 'ZMW', 'ZWG', 'ZWL')",
                "reason": "currency_code is no currency code of ISO 4217."
            },
            {
                "name": "control_not_reached",
                "sql": "arm is not null and not coalesce((arm <> 'control' or responded_at is null), false)",
                "reason": "A held-out customer answered the campaign."
            }
        ]
    },
    "customer_record": {
        "key": [
            "record_id"
        ],
        "version_order": [
            "updated_at"
        ],
        "core_relation": "int_identity__current_record",
        "columns": {
            "record_id": "string",
            "source_system": "string",
            "source_person_id": "string",
            "customer_type": "string",
            "given_name": "string",
            "family_name": "string",
            "company_name": "string",
            "email": "string",
            "phone": "string",
            "tax_number": "string",
            "birth_date": "date",
            "street_address": "string",
            "postal_code": "string",
            "city": "string",
            "region": "string",
            "country_code": "string",
            "language_code": "string",
            "has_marketing_consent": "boolean",
            "created_at": "timestamp",
            "updated_at": "timestamp"
        },
        "blanked": {
            "birth_date": {
                "name": "birth_date_blanked",
                "sql": "birth_date is not null and (birth_date < cast('1900-01-01' as date) or birth_date > observation_date)",
                "reason": "birth_date lies before 1900-01-01 or after the observation date: the row counts without it."
            }
        },
        "rules": [
            {
                "name": "record_id_required",
                "sql": "(record_id is null or trim(record_id) = '')",
                "reason": "record_id is missing."
            },
            {
                "name": "source_system_required",
                "sql": "(source_system is null or trim(source_system) = '')",
                "reason": "source_system is missing."
            },
            {
                "name": "customer_type_required",
                "sql": "(customer_type is null or trim(customer_type) = '')",
                "reason": "customer_type is missing."
            },
            {
                "name": "customer_type_allowed",
                "sql": "customer_type is not null and customer_type not in ('person', 'company')",
                "reason": "customer_type is none of: person, company."
            },
            {
                "name": "email_max_length",
                "sql": "email is not null and length(email) > 320",
                "reason": "email has more than 320 characters."
            },
            {
                "name": "birth_date_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',birth_date,')",
                "reason": "birth_date is no valid date."
            },
            {
                "name": "country_code_length",
                "sql": "country_code is not null and length(country_code) <> 2",
                "reason": "country_code has not 2 characters."
            },
            {
                "name": "language_code_length",
                "sql": "language_code is not null and length(language_code) <> 2",
                "reason": "language_code has not 2 characters."
            },
            {
                "name": "has_marketing_consent_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',has_marketing_consent,')",
                "reason": "has_marketing_consent is no valid boolean."
            },
            {
                "name": "created_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',created_at,')",
                "reason": "created_at is no valid timestamp."
            },
            {
                "name": "updated_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',updated_at,')",
                "reason": "updated_at is no valid timestamp."
            },
            {
                "name": "updated_not_before_created",
                "sql": "not coalesce((created_at is null or updated_at is null or updated_at >= created_at), false)",
                "reason": "The record was changed before it was created."
            }
        ]
    },
    "interaction": {
        "key": [
            "interaction_id"
        ],
        "version_order": [],
        "core_relation": "fct_interaction",
        "columns": {
            "interaction_id": "string",
            "source_system": "string",
            "record_id": "string",
            "occurred_at": "timestamp",
            "channel": "string",
            "touchpoint": "string",
            "interaction_type": "string",
            "duration_seconds": "double",
            "order_id": "string"
        },
        "blanked": {},
        "rules": [
            {
                "name": "interaction_id_required",
                "sql": "(interaction_id is null or trim(interaction_id) = '')",
                "reason": "interaction_id is missing."
            },
            {
                "name": "source_system_required",
                "sql": "(source_system is null or trim(source_system) = '')",
                "reason": "source_system is missing."
            },
            {
                "name": "occurred_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',occurred_at,')",
                "reason": "occurred_at is no valid timestamp."
            },
            {
                "name": "occurred_at_required",
                "sql": "occurred_at is null and (_mistyped_columns is null or not contains(',' || _mistyped_columns || ',', ',occurred_at,'))",
                "reason": "occurred_at is missing."
            },
            {
                "name": "occurred_at_min",
                "sql": "occurred_at is not null and occurred_at < cast('1990-01-01' as timestamp)",
                "reason": "occurred_at is below 1990-01-01."
            },
            {
                "name": "channel_required",
                "sql": "(channel is null or trim(channel) = '')",
                "reason": "channel is missing."
            },
            {
                "name": "interaction_type_required",
                "sql": "(interaction_type is null or trim(interaction_type) = '')",
                "reason": "interaction_type is missing."
            },
            {
                "name": "duration_seconds_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',duration_seconds,')",
                "reason": "duration_seconds is no valid double."
            },
            {
                "name": "duration_seconds_finite",
                "sql": "duration_seconds is not null and not (duration_seconds >= -1.7976931348623157e308 and duration_seconds <= 1.7976931348623157e308)",
                "reason": "duration_seconds is not a finite number."
            },
            {
                "name": "duration_seconds_min",
                "sql": "duration_seconds is not null and duration_seconds < 0",
                "reason": "duration_seconds is below 0."
            }
        ]
    },
    "lead": {
        "key": [
            "lead_id"
        ],
        "version_order": [
            "updated_at"
        ],
        "core_relation": "fct_lead",
        "columns": {
            "lead_id": "string",
            "source_system": "string",
            "record_id": "string",
            "created_at": "timestamp",
            "updated_at": "timestamp",
            "origin": "string",
            "lead_status": "string",
            "qualified_at": "timestamp",
            "won_at": "timestamp",
            "lost_at": "timestamp",
            "account_reference": "string"
        },
        "blanked": {},
        "rules": [
            {
                "name": "lead_id_required",
                "sql": "(lead_id is null or trim(lead_id) = '')",
                "reason": "lead_id is missing."
            },
            {
                "name": "source_system_required",
                "sql": "(source_system is null or trim(source_system) = '')",
                "reason": "source_system is missing."
            },
            {
                "name": "created_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',created_at,')",
                "reason": "created_at is no valid timestamp."
            },
            {
                "name": "created_at_required",
                "sql": "created_at is null and (_mistyped_columns is null or not contains(',' || _mistyped_columns || ',', ',created_at,'))",
                "reason": "created_at is missing."
            },
            {
                "name": "created_at_min",
                "sql": "created_at is not null and created_at < cast('1990-01-01' as timestamp)",
                "reason": "created_at is below 1990-01-01."
            },
            {
                "name": "updated_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',updated_at,')",
                "reason": "updated_at is no valid timestamp."
            },
            {
                "name": "lead_status_required",
                "sql": "(lead_status is null or trim(lead_status) = '')",
                "reason": "lead_status is missing."
            },
            {
                "name": "lead_status_allowed",
                "sql": "lead_status is not null and lead_status not in ('open', 'qualified', 'won', 'lost')",
                "reason": "lead_status is none of: open, qualified, won, lost."
            },
            {
                "name": "qualified_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',qualified_at,')",
                "reason": "qualified_at is no valid timestamp."
            },
            {
                "name": "won_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',won_at,')",
                "reason": "won_at is no valid timestamp."
            },
            {
                "name": "lost_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',lost_at,')",
                "reason": "lost_at is no valid timestamp."
            },
            {
                "name": "won_has_date",
                "sql": "lead_status is not null and not coalesce((lead_status <> 'won' or won_at is not null), false)",
                "reason": "The lead is won without a date."
            }
        ]
    },
    "payment": {
        "key": [
            "payment_id"
        ],
        "version_order": [],
        "core_relation": "fct_payment",
        "columns": {
            "payment_id": "string",
            "source_system": "string",
            "order_id": "string",
            "paid_at": "timestamp",
            "payment_method": "string",
            "paid_amount": "decimal(18,2)",
            "currency_code": "string"
        },
        "blanked": {},
        "rules": [
            {
                "name": "payment_id_required",
                "sql": "(payment_id is null or trim(payment_id) = '')",
                "reason": "payment_id is missing."
            },
            {
                "name": "source_system_required",
                "sql": "(source_system is null or trim(source_system) = '')",
                "reason": "source_system is missing."
            },
            {
                "name": "order_id_required",
                "sql": "(order_id is null or trim(order_id) = '')",
                "reason": "order_id is missing."
            },
            {
                "name": "paid_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',paid_at,')",
                "reason": "paid_at is no valid timestamp."
            },
            {
                "name": "paid_amount_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',paid_amount,')",
                "reason": "paid_amount is no valid decimal(18,2)."
            },
            {
                "name": "paid_amount_required",
                "sql": "paid_amount is null and (_mistyped_columns is null or not contains(',' || _mistyped_columns || ',', ',paid_amount,'))",
                "reason": "paid_amount is missing."
            },
            {
                "name": "paid_amount_min",
                "sql": "paid_amount is not null and paid_amount < -100000000",
                "reason": "paid_amount is below -100000000."
            },
            {
                "name": "paid_amount_max",
                "sql": "paid_amount is not null and paid_amount > 100000000",
                "reason": "paid_amount is above 100000000."
            },
            {
                "name": "currency_code_required",
                "sql": "(currency_code is null or trim(currency_code) = '')",
                "reason": "currency_code is missing."
            },
            {
                "name": "currency_code_iso_4217",
                "sql": "currency_code is not null and currency_code not in ('AED', 'AFN', 'ALL', 'AMD', 'ANG', 'AOA', 'ARS', 'ATS', 'AUD', 'AWG', 'AZM', 'AZN', 'BAM', 'BBD', 'BDT', 'BEF', 'BGL', 'BGN', 'BHD', 'BIF', 'BMD', 'BND', 'BOB', 'BRL', 'BSD', 'BTN', 'BWP', 'BYN', 'BYR', 'BZD', 'CAD', 'CDF', 'CHF', 'CLF', 'CLP', 'CNY', 'COP', 'CRC', 'CUC', 'CUP', 'CVE', 'CYP', 'CZK', 'DEM', 'DJF', 'DKK', 'DOP', 'DZD', 'EEK', 'EGP', 'ERN', 'ESP', 'ETB', 'EUR', 'FIM', 'FJD', 'FKP', 'FRF', 'GBP', 'GEL', 'GHC', 'GHS', 'GIP', 'GMD', 'GNF', 'GRD', 'GTQ', 'GYD', 'HKD', 'HNL', 'HRK', 'HTG', 'HUF', 'IDR', 'IEP', 'ILS', 'INR', 'IQD', 'IRR', 'ISK', 'ITL', 'JMD', 'JOD', 'JPY', 'KES', 'KGS', 'KHR', 'KMF', 'KPW', 'KRW', 'KWD', 'KYD', 'KZT', 'LAK', 'LBP', 'LKR', 'LRD', 'LSL', 'LTL', 'LUF', 'LVL', 'LYD', 'MAD', 'MDL', 'MGA', 'MKD', 'MMK', 'MNT', 'MOP', 'MRO', 'MRU', 'MTL', 'MUR', 'MVR', 'MWK', 'MXN', 'MYR', 'MZM', 'MZN', 'NAD', 'NGN', 'NIO', 'NLG', 'NOK', 'NPR', 'NZD', 'OMR', 'PAB', 'PEN', 'PGK', 'PHP', 'PKR', 'PLN', 'PTE', 'PYG', 'QAR', 'ROL', 'RON', 'RSD', 'RUB', 'RWF', 'SAR', 'SBD', 'SCR', 'SDD', 'SDG', 'SEK', 'SGD', 'SHP', 'SIT', 'SKK', 'SLE', 'SLL', 'SOS', 'SRD', 'SSP', 'STD', 'STN', 'SVC', 'SYP', 'SZL', 'THB', 'TJS', 'TMM', 'TMT', 'TND', 'TOP', 'TRL', 'TRY', 'TTD', 'TWD', 'TZS', 'UAH', 'UGX', 'USD', 'UYI', 'UYU', 'UZS', 'VEB', 'VED', 'VEF', 'VES', 'VND', 'VUV', 'WST', 'XAF', 'XCD', 'XCG', 'XDR', 'XOF', 'XPF', 'YER', 'ZAR', 'ZMK', 'ZMW', 'ZWG', 'ZWL')",
                "reason": "currency_code is no currency code of ISO 4217."
            }
        ]
    },
    "product": {
        "key": [
            "product_id"
        ],
        "version_order": [],
        "core_relation": "dim_product",
        "columns": {
            "product_id": "string",
            "source_system": "string",
            "product_name": "string",
            "category_name": "string",
            "list_price_amount": "decimal(18,2)",
            "currency_code": "string"
        },
        "blanked": {},
        "rules": [
            {
                "name": "product_id_required",
                "sql": "(product_id is null or trim(product_id) = '')",
                "reason": "product_id is missing."
            },
            {
                "name": "source_system_required",
                "sql": "(source_system is null or trim(source_system) = '')",
                "reason": "source_system is missing."
            },
            {
                "name": "list_price_amount_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',list_price_amount,')",
                "reason": "list_price_amount is no valid decimal(18,2)."
            },
            {
                "name": "list_price_amount_min",
                "sql": "list_price_amount is not null and list_price_amount < 0",
                "reason": "list_price_amount is below 0."
            },
            {
                "name": "currency_code_iso_4217",
                "sql": "currency_code is not null and currency_code not in ('AED', 'AFN', 'ALL', 'AMD', 'ANG', 'AOA', 'ARS', 'ATS', 'AUD', 'AWG', 'AZM', 'AZN', 'BAM', 'BBD', 'BDT', 'BEF', 'BGL', 'BGN', 'BHD', 'BIF', 'BMD', 'BND', 'BOB', 'BRL', 'BSD', 'BTN', 'BWP', 'BYN', 'BYR', 'BZD', 'CAD', 'CDF', 'CHF', 'CLF', 'CLP', 'CNY', 'COP', 'CRC', 'CUC', 'CUP', 'CVE', 'CYP', 'CZK', 'DEM', 'DJF', 'DKK', 'DOP', 'DZD', 'EEK', 'EGP', 'ERN', 'ESP', 'ETB', 'EUR', 'FIM', 'FJD', 'FKP', 'FRF', 'GBP', 'GEL', 'GHC', 'GHS', 'GIP', 'GMD', 'GNF', 'GRD', 'GTQ', 'GYD', 'HKD', 'HNL', 'HRK', 'HTG', 'HUF', 'IDR', 'IEP', 'ILS', 'INR', 'IQD', 'IRR', 'ISK', 'ITL', 'JMD', 'JOD', 'JPY', 'KES', 'KGS', 'KHR', 'KMF', 'KPW', 'KRW', 'KWD', 'KYD', 'KZT', 'LAK', 'LBP', 'LKR', 'LRD', 'LSL', 'LTL', 'LUF', 'LVL', 'LYD', 'MAD', 'MDL', 'MGA', 'MKD', 'MMK', 'MNT', 'MOP', 'MRO', 'MRU', 'MTL', 'MUR', 'MVR', 'MWK', 'MXN', 'MYR', 'MZM', 'MZN', 'NAD', 'NGN', 'NIO', 'NLG', 'NOK', 'NPR', 'NZD', 'OMR', 'PAB', 'PEN', 'PGK', 'PHP', 'PKR', 'PLN', 'PTE', 'PYG', 'QAR', 'ROL', 'RON', 'RSD', 'RUB', 'RWF', 'SAR', 'SBD', 'SCR', 'SDD', 'SDG', 'SEK', 'SGD', 'SHP', 'SIT', 'SKK', 'SLE', 'SLL', 'SOS', 'SRD', 'SSP', 'STD', 'STN', 'SVC', 'SYP', 'SZL', 'THB', 'TJS', 'TMM', 'TMT', 'TND', 'TOP', 'TRL', 'TRY', 'TTD', 'TWD', 'TZS', 'UAH', 'UGX', 'USD', 'UYI', 'UYU', 'UZS', 'VEB', 'VED', 'VEF', 'VES', 'VND', 'VUV', 'WST', 'XAF', 'XCD', 'XCG', 'XDR', 'XOF', 'XPF', 'YER', 'ZAR', 'ZMK', 'ZMW', 'ZWG', 'ZWL')",
                "reason": "currency_code is no currency code of ISO 4217."
            }
        ]
    },
    "record_merge": {
        "key": [
            "merged_record_id"
        ],
        "version_order": [
            "merged_at"
        ],
        "core_relation": "bridge_record_merge",
        "columns": {
            "merged_record_id": "string",
            "source_system": "string",
            "into_record_id": "string",
            "merged_at": "timestamp"
        },
        "blanked": {},
        "rules": [
            {
                "name": "merged_record_id_required",
                "sql": "(merged_record_id is null or trim(merged_record_id) = '')",
                "reason": "merged_record_id is missing."
            },
            {
                "name": "source_system_required",
                "sql": "(source_system is null or trim(source_system) = '')",
                "reason": "source_system is missing."
            },
            {
                "name": "into_record_id_required",
                "sql": "(into_record_id is null or trim(into_record_id) = '')",
                "reason": "into_record_id is missing."
            },
            {
                "name": "merged_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',merged_at,')",
                "reason": "merged_at is no valid timestamp."
            },
            {
                "name": "merged_into_another",
                "sql": "into_record_id is not null and merged_record_id is not null and not coalesce((merged_record_id <> into_record_id), false)",
                "reason": "The record is said to be merged into itself."
            }
        ]
    },
    "sales_order": {
        "key": [
            "order_id"
        ],
        "version_order": [
            "updated_at"
        ],
        "core_relation": "fct_sales_order",
        "columns": {
            "order_id": "string",
            "source_system": "string",
            "record_id": "string",
            "ordered_at": "timestamp",
            "updated_at": "timestamp",
            "order_status": "string",
            "channel": "string",
            "approved_at": "timestamp",
            "shipped_at": "timestamp",
            "promised_at": "timestamp",
            "delivered_at": "timestamp"
        },
        "blanked": {},
        "rules": [
            {
                "name": "order_id_required",
                "sql": "(order_id is null or trim(order_id) = '')",
                "reason": "order_id is missing."
            },
            {
                "name": "source_system_required",
                "sql": "(source_system is null or trim(source_system) = '')",
                "reason": "source_system is missing."
            },
            {
                "name": "ordered_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',ordered_at,')",
                "reason": "ordered_at is no valid timestamp."
            },
            {
                "name": "ordered_at_required",
                "sql": "ordered_at is null and (_mistyped_columns is null or not contains(',' || _mistyped_columns || ',', ',ordered_at,'))",
                "reason": "ordered_at is missing."
            },
            {
                "name": "ordered_at_min",
                "sql": "ordered_at is not null and ordered_at < cast('1990-01-01' as timestamp)",
                "reason": "ordered_at is below 1990-01-01."
            },
            {
                "name": "updated_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',updated_at,')",
                "reason": "updated_at is no valid timestamp."
            },
            {
                "name": "order_status_required",
                "sql": "(order_status is null or trim(order_status) = '')",
                "reason": "order_status is missing."
            },
            {
                "name": "order_status_allowed",
                "sql": "order_status is not null and order_status not in ('created', 'approved', 'invoiced', 'processing', 'shipped', 'delivered', 'completed', 'returned', 'canceled', 'unavailable')",
                "reason": "order_status is none of: created, approved, invoiced, processing, shipped, delivered, completed, returned, canceled, unavailable."
            },
            {
                "name": "approved_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',approved_at,')",
                "reason": "approved_at is no valid timestamp."
            },
            {
                "name": "shipped_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',shipped_at,')",
                "reason": "shipped_at is no valid timestamp."
            },
            {
                "name": "promised_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',promised_at,')",
                "reason": "promised_at is no valid timestamp."
            },
            {
                "name": "delivered_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',delivered_at,')",
                "reason": "delivered_at is no valid timestamp."
            }
        ]
    },
    "survey_invitation": {
        "key": [
            "invitation_id"
        ],
        "version_order": [],
        "core_relation": "fct_survey_invitation",
        "columns": {
            "invitation_id": "string",
            "source_system": "string",
            "survey_id": "string",
            "survey_type": "string",
            "record_id": "string",
            "order_id": "string",
            "touchpoint": "string",
            "channel": "string",
            "invited_at": "timestamp"
        },
        "blanked": {},
        "rules": [
            {
                "name": "invitation_id_required",
                "sql": "(invitation_id is null or trim(invitation_id) = '')",
                "reason": "invitation_id is missing."
            },
            {
                "name": "source_system_required",
                "sql": "(source_system is null or trim(source_system) = '')",
                "reason": "source_system is missing."
            },
            {
                "name": "survey_id_required",
                "sql": "(survey_id is null or trim(survey_id) = '')",
                "reason": "survey_id is missing."
            },
            {
                "name": "survey_type_required",
                "sql": "(survey_type is null or trim(survey_type) = '')",
                "reason": "survey_type is missing."
            },
            {
                "name": "survey_type_allowed",
                "sql": "survey_type is not null and survey_type not in ('relational', 'transactional')",
                "reason": "survey_type is none of: relational, transactional."
            },
            {
                "name": "invited_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',invited_at,')",
                "reason": "invited_at is no valid timestamp."
            },
            {
                "name": "invited_at_required",
                "sql": "invited_at is null and (_mistyped_columns is null or not contains(',' || _mistyped_columns || ',', ',invited_at,'))",
                "reason": "invited_at is missing."
            },
            {
                "name": "invited_at_min",
                "sql": "invited_at is not null and invited_at < cast('1990-01-01' as timestamp)",
                "reason": "invited_at is below 1990-01-01."
            }
        ]
    },
    "survey_response": {
        "key": [
            "response_id",
            "question_id"
        ],
        "version_order": [],
        "core_relation": "fct_survey_response",
        "columns": {
            "response_id": "string",
            "question_id": "string",
            "source_system": "string",
            "invitation_id": "string",
            "survey_id": "string",
            "wave": "string",
            "survey_type": "string",
            "record_id": "string",
            "touchpoint": "string",
            "channel": "string",
            "responded_at": "timestamp",
            "metric": "string",
            "score": "double",
            "no_score_reason": "string",
            "scale_min": "double",
            "scale_max": "double",
            "weight": "double",
            "verbatim": "string",
            "language_code": "string"
        },
        "blanked": {},
        "rules": [
            {
                "name": "response_id_required",
                "sql": "(response_id is null or trim(response_id) = '')",
                "reason": "response_id is missing."
            },
            {
                "name": "question_id_required",
                "sql": "(question_id is null or trim(question_id) = '')",
                "reason": "question_id is missing."
            },
            {
                "name": "source_system_required",
                "sql": "(source_system is null or trim(source_system) = '')",
                "reason": "source_system is missing."
            },
            {
                "name": "survey_id_required",
                "sql": "(survey_id is null or trim(survey_id) = '')",
                "reason": "survey_id is missing."
            },
            {
                "name": "survey_type_required",
                "sql": "(survey_type is null or trim(survey_type) = '')",
                "reason": "survey_type is missing."
            },
            {
                "name": "survey_type_allowed",
                "sql": "survey_type is not null and survey_type not in ('relational', 'transactional')",
                "reason": "survey_type is none of: relational, transactional."
            },
            {
                "name": "responded_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',responded_at,')",
                "reason": "responded_at is no valid timestamp."
            },
            {
                "name": "responded_at_required",
                "sql": "responded_at is null and (_mistyped_columns is null or not contains(',' || _mistyped_columns || ',', ',responded_at,'))",
                "reason": "responded_at is missing."
            },
            {
                "name": "responded_at_min",
                "sql": "responded_at is not null and responded_at < cast('1990-01-01' as timestamp)",
                "reason": "responded_at is below 1990-01-01."
            },
            {
                "name": "metric_required",
                "sql": "(metric is null or trim(metric) = '')",
                "reason": "metric is missing."
            },
            {
                "name": "metric_allowed",
                "sql": "metric is not null and metric not in ('nps', 'csat', 'ces', 'other')",
                "reason": "metric is none of: nps, csat, ces, other."
            },
            {
                "name": "score_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',score,')",
                "reason": "score is no valid double."
            },
            {
                "name": "score_finite",
                "sql": "score is not null and not (score >= -1.7976931348623157e308 and score <= 1.7976931348623157e308)",
                "reason": "score is not a finite number."
            },
            {
                "name": "no_score_reason_allowed",
                "sql": "no_score_reason is not null and no_score_reason not in ('not_used', 'left_blank')",
                "reason": "no_score_reason is none of: not_used, left_blank."
            },
            {
                "name": "scale_min_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',scale_min,')",
                "reason": "scale_min is no valid double."
            },
            {
                "name": "scale_min_required",
                "sql": "scale_min is null and (_mistyped_columns is null or not contains(',' || _mistyped_columns || ',', ',scale_min,'))",
                "reason": "scale_min is missing."
            },
            {
                "name": "scale_min_finite",
                "sql": "scale_min is not null and not (scale_min >= -1.7976931348623157e308 and scale_min <= 1.7976931348623157e308)",
                "reason": "scale_min is not a finite number."
            },
            {
                "name": "scale_max_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',scale_max,')",
                "reason": "scale_max is no valid double."
            },
            {
                "name": "scale_max_required",
                "sql": "scale_max is null and (_mistyped_columns is null or not contains(',' || _mistyped_columns || ',', ',scale_max,'))",
                "reason": "scale_max is missing."
            },
            {
                "name": "scale_max_finite",
                "sql": "scale_max is not null and not (scale_max >= -1.7976931348623157e308 and scale_max <= 1.7976931348623157e308)",
                "reason": "scale_max is not a finite number."
            },
            {
                "name": "weight_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',weight,')",
                "reason": "weight is no valid double."
            },
            {
                "name": "weight_finite",
                "sql": "weight is not null and not (weight >= -1.7976931348623157e308 and weight <= 1.7976931348623157e308)",
                "reason": "weight is not a finite number."
            },
            {
                "name": "weight_min",
                "sql": "weight is not null and weight < 0",
                "reason": "weight is below 0."
            },
            {
                "name": "language_code_length",
                "sql": "language_code is not null and length(language_code) <> 2",
                "reason": "language_code has not 2 characters."
            },
            {
                "name": "scale_ascends",
                "sql": "scale_max is not null and scale_min is not null and not coalesce((scale_min < scale_max), false)",
                "reason": "The scale's lowest point is not below its highest."
            },
            {
                "name": "score_on_scale",
                "sql": "scale_max is not null and scale_min is not null and not coalesce((score is null or (score >= scale_min and score <= scale_max)), false)",
                "reason": "The answer is off its scale."
            },
            {
                "name": "nps_scale",
                "sql": "metric is not null and scale_max is not null and scale_min is not null and not coalesce((metric <> 'nps' or (scale_min = 0 and scale_max = 10)), false)",
                "reason": "NPS is asked on 0 to 10."
            },
            {
                "name": "no_reason_beside_a_score",
                "sql": "not coalesce((score is null or no_score_reason is null), false)",
                "reason": "The answer has both a score and a reason for having none."
            }
        ]
    },
    "ticket": {
        "key": [
            "ticket_id"
        ],
        "version_order": [
            "updated_at"
        ],
        "core_relation": "fct_ticket",
        "columns": {
            "ticket_id": "string",
            "source_system": "string",
            "record_id": "string",
            "order_id": "string",
            "opened_at": "timestamp",
            "updated_at": "timestamp",
            "first_response_at": "timestamp",
            "resolved_at": "timestamp",
            "channel": "string",
            "category_name": "string",
            "priority": "string",
            "is_complaint": "boolean"
        },
        "blanked": {},
        "rules": [
            {
                "name": "ticket_id_required",
                "sql": "(ticket_id is null or trim(ticket_id) = '')",
                "reason": "ticket_id is missing."
            },
            {
                "name": "source_system_required",
                "sql": "(source_system is null or trim(source_system) = '')",
                "reason": "source_system is missing."
            },
            {
                "name": "opened_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',opened_at,')",
                "reason": "opened_at is no valid timestamp."
            },
            {
                "name": "opened_at_required",
                "sql": "opened_at is null and (_mistyped_columns is null or not contains(',' || _mistyped_columns || ',', ',opened_at,'))",
                "reason": "opened_at is missing."
            },
            {
                "name": "opened_at_min",
                "sql": "opened_at is not null and opened_at < cast('1990-01-01' as timestamp)",
                "reason": "opened_at is below 1990-01-01."
            },
            {
                "name": "updated_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',updated_at,')",
                "reason": "updated_at is no valid timestamp."
            },
            {
                "name": "first_response_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',first_response_at,')",
                "reason": "first_response_at is no valid timestamp."
            },
            {
                "name": "resolved_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',resolved_at,')",
                "reason": "resolved_at is no valid timestamp."
            },
            {
                "name": "priority_allowed",
                "sql": "priority is not null and priority not in ('low', 'normal', 'high', 'urgent')",
                "reason": "priority is none of: low, normal, high, urgent."
            },
            {
                "name": "is_complaint_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',is_complaint,')",
                "reason": "is_complaint is no valid boolean."
            },
            {
                "name": "is_complaint_required",
                "sql": "is_complaint is null and (_mistyped_columns is null or not contains(',' || _mistyped_columns || ',', ',is_complaint,'))",
                "reason": "is_complaint is missing."
            },
            {
                "name": "resolved_not_before_opened",
                "sql": "opened_at is not null and not coalesce((resolved_at is null or resolved_at >= opened_at), false)",
                "reason": "The ticket was resolved before it was opened."
            },
            {
                "name": "first_response_not_before_opened",
                "sql": "opened_at is not null and not coalesce((first_response_at is null or first_response_at >= opened_at), false)",
                "reason": "The ticket was answered before it was opened."
            }
        ]
    },
    "transaction_line": {
        "key": [
            "line_id"
        ],
        "version_order": [
            "updated_at"
        ],
        "core_relation": "fct_transaction_line",
        "columns": {
            "line_id": "string",
            "source_system": "string",
            "order_id": "string",
            "record_id": "string",
            "product_id": "string",
            "occurred_at": "timestamp",
            "updated_at": "timestamp",
            "line_type": "string",
            "channel": "string",
            "quantity": "double",
            "net_amount": "decimal(18,2)",
            "discount_amount": "decimal(18,2)",
            "shipping_amount": "decimal(18,2)",
            "currency_code": "string"
        },
        "blanked": {},
        "rules": [
            {
                "name": "line_id_required",
                "sql": "(line_id is null or trim(line_id) = '')",
                "reason": "line_id is missing."
            },
            {
                "name": "source_system_required",
                "sql": "(source_system is null or trim(source_system) = '')",
                "reason": "source_system is missing."
            },
            {
                "name": "order_id_required",
                "sql": "(order_id is null or trim(order_id) = '')",
                "reason": "order_id is missing."
            },
            {
                "name": "product_id_required",
                "sql": "(product_id is null or trim(product_id) = '')",
                "reason": "product_id is missing."
            },
            {
                "name": "occurred_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',occurred_at,')",
                "reason": "occurred_at is no valid timestamp."
            },
            {
                "name": "occurred_at_required",
                "sql": "occurred_at is null and (_mistyped_columns is null or not contains(',' || _mistyped_columns || ',', ',occurred_at,'))",
                "reason": "occurred_at is missing."
            },
            {
                "name": "occurred_at_min",
                "sql": "occurred_at is not null and occurred_at < cast('1990-01-01' as timestamp)",
                "reason": "occurred_at is below 1990-01-01."
            },
            {
                "name": "updated_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',updated_at,')",
                "reason": "updated_at is no valid timestamp."
            },
            {
                "name": "line_type_required",
                "sql": "(line_type is null or trim(line_type) = '')",
                "reason": "line_type is missing."
            },
            {
                "name": "line_type_allowed",
                "sql": "line_type is not null and line_type not in ('sale', 'return')",
                "reason": "line_type is none of: sale, return."
            },
            {
                "name": "quantity_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',quantity,')",
                "reason": "quantity is no valid double."
            },
            {
                "name": "quantity_required",
                "sql": "quantity is null and (_mistyped_columns is null or not contains(',' || _mistyped_columns || ',', ',quantity,'))",
                "reason": "quantity is missing."
            },
            {
                "name": "quantity_finite",
                "sql": "quantity is not null and not (quantity >= -1.7976931348623157e308 and quantity <= 1.7976931348623157e308)",
                "reason": "quantity is not a finite number."
            },
            {
                "name": "quantity_min",
                "sql": "quantity is not null and quantity < -1000000",
                "reason": "quantity is below -1000000."
            },
            {
                "name": "quantity_max",
                "sql": "quantity is not null and quantity > 1000000",
                "reason": "quantity is above 1000000."
            },
            {
                "name": "net_amount_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',net_amount,')",
                "reason": "net_amount is no valid decimal(18,2)."
            },
            {
                "name": "net_amount_required",
                "sql": "net_amount is null and (_mistyped_columns is null or not contains(',' || _mistyped_columns || ',', ',net_amount,'))",
                "reason": "net_amount is missing."
            },
            {
                "name": "net_amount_min",
                "sql": "net_amount is not null and net_amount < -100000000",
                "reason": "net_amount is below -100000000."
            },
            {
                "name": "net_amount_max",
                "sql": "net_amount is not null and net_amount > 100000000",
                "reason": "net_amount is above 100000000."
            },
            {
                "name": "discount_amount_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',discount_amount,')",
                "reason": "discount_amount is no valid decimal(18,2)."
            },
            {
                "name": "shipping_amount_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',shipping_amount,')",
                "reason": "shipping_amount is no valid decimal(18,2)."
            },
            {
                "name": "currency_code_required",
                "sql": "(currency_code is null or trim(currency_code) = '')",
                "reason": "currency_code is missing."
            },
            {
                "name": "currency_code_iso_4217",
                "sql": "currency_code is not null and currency_code not in ('AED', 'AFN', 'ALL', 'AMD', 'ANG', 'AOA', 'ARS', 'ATS', 'AUD', 'AWG', 'AZM', 'AZN', 'BAM', 'BBD', 'BDT', 'BEF', 'BGL', 'BGN', 'BHD', 'BIF', 'BMD', 'BND', 'BOB', 'BRL', 'BSD', 'BTN', 'BWP', 'BYN', 'BYR', 'BZD', 'CAD', 'CDF', 'CHF', 'CLF', 'CLP', 'CNY', 'COP', 'CRC', 'CUC', 'CUP', 'CVE', 'CYP', 'CZK', 'DEM', 'DJF', 'DKK', 'DOP', 'DZD', 'EEK', 'EGP', 'ERN', 'ESP', 'ETB', 'EUR', 'FIM', 'FJD', 'FKP', 'FRF', 'GBP', 'GEL', 'GHC', 'GHS', 'GIP', 'GMD', 'GNF', 'GRD', 'GTQ', 'GYD', 'HKD', 'HNL', 'HRK', 'HTG', 'HUF', 'IDR', 'IEP', 'ILS', 'INR', 'IQD', 'IRR', 'ISK', 'ITL', 'JMD', 'JOD', 'JPY', 'KES', 'KGS', 'KHR', 'KMF', 'KPW', 'KRW', 'KWD', 'KYD', 'KZT', 'LAK', 'LBP', 'LKR', 'LRD', 'LSL', 'LTL', 'LUF', 'LVL', 'LYD', 'MAD', 'MDL', 'MGA', 'MKD', 'MMK', 'MNT', 'MOP', 'MRO', 'MRU', 'MTL', 'MUR', 'MVR', 'MWK', 'MXN', 'MYR', 'MZM', 'MZN', 'NAD', 'NGN', 'NIO', 'NLG', 'NOK', 'NPR', 'NZD', 'OMR', 'PAB', 'PEN', 'PGK', 'PHP', 'PKR', 'PLN', 'PTE', 'PYG', 'QAR', 'ROL', 'RON', 'RSD', 'RUB', 'RWF', 'SAR', 'SBD', 'SCR', 'SDD', 'SDG', 'SEK', 'SGD', 'SHP', 'SIT', 'SKK', 'SLE', 'SLL', 'SOS', 'SRD', 'SSP', 'STD', 'STN', 'SVC', 'SYP', 'SZL', 'THB', 'TJS', 'TMM', 'TMT', 'TND', 'TOP', 'TRL', 'TRY', 'TTD', 'TWD', 'TZS', 'UAH', 'UGX', 'USD', 'UYI', 'UYU', 'UZS', 'VEB', 'VED', 'VEF', 'VES', 'VND', 'VUV', 'WST', 'XAF', 'XCD', 'XCG', 'XDR', 'XOF', 'XPF', 'YER', 'ZAR', 'ZMK', 'ZMW', 'ZWG', 'ZWL')",
                "reason": "currency_code is no currency code of ISO 4217."
            },
            {
                "name": "sale_not_negative",
                "sql": "line_type is not null and net_amount is not null and quantity is not null and not coalesce((line_type <> 'sale' or (quantity >= 0 and net_amount >= 0)), false)",
                "reason": "A sale has a negative quantity or amount."
            },
            {
                "name": "return_not_positive",
                "sql": "line_type is not null and net_amount is not null and quantity is not null and not coalesce((line_type <> 'return' or (quantity <= 0 and net_amount <= 0)), false)",
                "reason": "A return has a positive quantity or amount."
            }
        ]
    }
}) }}
{%- endmacro %}
