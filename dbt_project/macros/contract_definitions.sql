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
    "consent_event": {
        "key": [
            "consent_event_id"
        ],
        "version_order": [],
        "core_relation": "fct_consent_event",
        "columns": {
            "consent_event_id": "string",
            "source_system": "string",
            "record_id": "string",
            "occurred_at": "timestamp",
            "purpose": "string",
            "channel": "string",
            "action": "string",
            "evidence": "string"
        },
        "blanked": {},
        "rules": [
            {
                "name": "consent_event_id_required",
                "sql": "(consent_event_id is null or trim(consent_event_id) = '')",
                "reason": "consent_event_id is missing."
            },
            {
                "name": "source_system_required",
                "sql": "(source_system is null or trim(source_system) = '')",
                "reason": "source_system is missing."
            },
            {
                "name": "record_id_required",
                "sql": "(record_id is null or trim(record_id) = '')",
                "reason": "record_id is missing."
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
                "name": "purpose_required",
                "sql": "(purpose is null or trim(purpose) = '')",
                "reason": "purpose is missing."
            },
            {
                "name": "action_required",
                "sql": "(action is null or trim(action) = '')",
                "reason": "action is missing."
            },
            {
                "name": "action_allowed",
                "sql": "action is not null and action not in ('given', 'withdrawn')",
                "reason": "action is none of: given, withdrawn."
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
    "employee_answer": {
        "key": [
            "answer_id",
            "question_id"
        ],
        "version_order": [
            "updated_at"
        ],
        "core_relation": "fct_employee_answer",
        "columns": {
            "answer_id": "string",
            "question_id": "string",
            "source_system": "string",
            "employee_id": "string",
            "unit_name": "string",
            "role_name": "string",
            "answered_at": "timestamp",
            "updated_at": "timestamp",
            "metric": "string",
            "score": "double",
            "scale_min": "double",
            "scale_max": "double",
            "answer_text": "string"
        },
        "blanked": {},
        "rules": [
            {
                "name": "answer_id_required",
                "sql": "(answer_id is null or trim(answer_id) = '')",
                "reason": "answer_id is missing."
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
                "name": "employee_id_required",
                "sql": "(employee_id is null or trim(employee_id) = '')",
                "reason": "employee_id is missing."
            },
            {
                "name": "unit_name_required",
                "sql": "(unit_name is null or trim(unit_name) = '')",
                "reason": "unit_name is missing."
            },
            {
                "name": "answered_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',answered_at,')",
                "reason": "answered_at is no valid timestamp."
            },
            {
                "name": "answered_at_required",
                "sql": "answered_at is null and (_mistyped_columns is null or not contains(',' || _mistyped_columns || ',', ',answered_at,'))",
                "reason": "answered_at is missing."
            },
            {
                "name": "answered_at_min",
                "sql": "answered_at is not null and answered_at < cast('1990-01-01' as timestamp)",
                "reason": "answered_at is below 1990-01-01."
            },
            {
                "name": "updated_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',updated_at,')",
                "reason": "updated_at is no valid timestamp."
            },
            {
                "name": "metric_required",
                "sql": "(metric is null or trim(metric) = '')",
                "reason": "metric is missing."
            },
            {
                "name": "metric_allowed",
                "sql": "metric is not null and metric not in ('enps', 'engagement', 'other')",
                "reason": "metric is none of: enps, engagement, other."
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
                "name": "scale_min_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',scale_min,')",
                "reason": "scale_min is no valid double."
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
                "name": "scale_max_finite",
                "sql": "scale_max is not null and not (scale_max >= -1.7976931348623157e308 and scale_max <= 1.7976931348623157e308)",
                "reason": "scale_max is not a finite number."
            },
            {
                "name": "score_on_scale",
                "sql": "not coalesce((score is null or scale_min is null or scale_max is null or (score >= scale_min and score <= scale_max)), false)",
                "reason": "The answer is off its scale."
            },
            {
                "name": "enps_scale",
                "sql": "metric is not null and not coalesce((metric <> 'enps' or (scale_min is not null and scale_max is not null and scale_min = 0 and scale_max = 10)), false)",
                "reason": "eNPS is asked on 0 to 10."
            }
        ]
    },
    "exit_interview": {
        "key": [
            "interview_id"
        ],
        "version_order": [],
        "core_relation": "fct_exit_interview",
        "columns": {
            "interview_id": "string",
            "source_system": "string",
            "employee_id": "string",
            "unit_name": "string",
            "role_name": "string",
            "left_on": "date",
            "interviewed_at": "timestamp",
            "tenure_days": "bigint",
            "is_voluntary": "boolean",
            "reason_name": "string",
            "recommend_score": "double",
            "answer_text": "string"
        },
        "blanked": {},
        "rules": [
            {
                "name": "interview_id_required",
                "sql": "(interview_id is null or trim(interview_id) = '')",
                "reason": "interview_id is missing."
            },
            {
                "name": "source_system_required",
                "sql": "(source_system is null or trim(source_system) = '')",
                "reason": "source_system is missing."
            },
            {
                "name": "unit_name_required",
                "sql": "(unit_name is null or trim(unit_name) = '')",
                "reason": "unit_name is missing."
            },
            {
                "name": "left_on_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',left_on,')",
                "reason": "left_on is no valid date."
            },
            {
                "name": "left_on_required",
                "sql": "left_on is null and (_mistyped_columns is null or not contains(',' || _mistyped_columns || ',', ',left_on,'))",
                "reason": "left_on is missing."
            },
            {
                "name": "left_on_min",
                "sql": "left_on is not null and left_on < cast('1990-01-01' as date)",
                "reason": "left_on is below 1990-01-01."
            },
            {
                "name": "interviewed_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',interviewed_at,')",
                "reason": "interviewed_at is no valid timestamp."
            },
            {
                "name": "interviewed_at_min",
                "sql": "interviewed_at is not null and interviewed_at < cast('1990-01-01' as timestamp)",
                "reason": "interviewed_at is below 1990-01-01."
            },
            {
                "name": "tenure_days_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',tenure_days,')",
                "reason": "tenure_days is no valid bigint."
            },
            {
                "name": "tenure_days_min",
                "sql": "tenure_days is not null and tenure_days < 0",
                "reason": "tenure_days is below 0."
            },
            {
                "name": "is_voluntary_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',is_voluntary,')",
                "reason": "is_voluntary is no valid boolean."
            },
            {
                "name": "recommend_score_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',recommend_score,')",
                "reason": "recommend_score is no valid double."
            },
            {
                "name": "recommend_score_finite",
                "sql": "recommend_score is not null and not (recommend_score >= -1.7976931348623157e308 and recommend_score <= 1.7976931348623157e308)",
                "reason": "recommend_score is not a finite number."
            },
            {
                "name": "recommend_score_min",
                "sql": "recommend_score is not null and recommend_score < 0",
                "reason": "recommend_score is below 0."
            },
            {
                "name": "recommend_score_max",
                "sql": "recommend_score is not null and recommend_score > 10",
                "reason": "recommend_score is above 10."
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
            "order_id": "string",
            "cost_amount": "decimal(18,2)",
            "currency_code": "string"
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
            }
        ]
    },
    "interface_metric": {
        "key": [
            "metric_id"
        ],
        "version_order": [],
        "core_relation": "fct_interface_metric",
        "columns": {
            "metric_id": "string",
            "source_system": "string",
            "interface_name": "string",
            "platform": "string",
            "release_name": "string",
            "task_name": "string",
            "measured_on": "date",
            "metric": "string",
            "metric_value": "double",
            "unit": "string",
            "sample_size": "bigint"
        },
        "blanked": {},
        "rules": [
            {
                "name": "metric_id_required",
                "sql": "(metric_id is null or trim(metric_id) = '')",
                "reason": "metric_id is missing."
            },
            {
                "name": "source_system_required",
                "sql": "(source_system is null or trim(source_system) = '')",
                "reason": "source_system is missing."
            },
            {
                "name": "interface_name_required",
                "sql": "(interface_name is null or trim(interface_name) = '')",
                "reason": "interface_name is missing."
            },
            {
                "name": "measured_on_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',measured_on,')",
                "reason": "measured_on is no valid date."
            },
            {
                "name": "measured_on_required",
                "sql": "measured_on is null and (_mistyped_columns is null or not contains(',' || _mistyped_columns || ',', ',measured_on,'))",
                "reason": "measured_on is missing."
            },
            {
                "name": "measured_on_min",
                "sql": "measured_on is not null and measured_on < cast('1990-01-01' as date)",
                "reason": "measured_on is below 1990-01-01."
            },
            {
                "name": "metric_required",
                "sql": "(metric is null or trim(metric) = '')",
                "reason": "metric is missing."
            },
            {
                "name": "metric_allowed",
                "sql": "metric is not null and metric not in ('store_rating', 'task_success_rate', 'time_on_task', 'error_rate', 'load_time', 'crash_rate')",
                "reason": "metric is none of: store_rating, task_success_rate, time_on_task, error_rate, load_time, crash_rate."
            },
            {
                "name": "metric_value_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',metric_value,')",
                "reason": "metric_value is no valid double."
            },
            {
                "name": "metric_value_required",
                "sql": "metric_value is null and (_mistyped_columns is null or not contains(',' || _mistyped_columns || ',', ',metric_value,'))",
                "reason": "metric_value is missing."
            },
            {
                "name": "metric_value_finite",
                "sql": "metric_value is not null and not (metric_value >= -1.7976931348623157e308 and metric_value <= 1.7976931348623157e308)",
                "reason": "metric_value is not a finite number."
            },
            {
                "name": "metric_value_min",
                "sql": "metric_value is not null and metric_value < 0",
                "reason": "metric_value is below 0."
            },
            {
                "name": "unit_required",
                "sql": "(unit is null or trim(unit) = '')",
                "reason": "unit is missing."
            },
            {
                "name": "unit_allowed",
                "sql": "unit is not null and unit not in ('stars', 'share', 'seconds')",
                "reason": "unit is none of: stars, share, seconds."
            },
            {
                "name": "sample_size_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',sample_size,')",
                "reason": "sample_size is no valid bigint."
            },
            {
                "name": "sample_size_min",
                "sql": "sample_size is not null and sample_size < 0",
                "reason": "sample_size is below 0."
            },
            {
                "name": "unit_of_metric",
                "sql": "metric is not null and unit is not null and not coalesce((unit = case when metric = 'store_rating' then 'stars' when metric in ('time_on_task', 'load_time') then 'seconds' else 'share' end), false)",
                "reason": "The metric has another unit: stars of a rating, seconds of a time, a share of a rate."
            },
            {
                "name": "share_within_one",
                "sql": "metric_value is not null and unit is not null and not coalesce((unit <> 'share' or (metric_value >= 0 and metric_value <= 1)), false)",
                "reason": "A share lies outside 0 to 1."
            },
            {
                "name": "store_rating_scale",
                "sql": "metric is not null and metric_value is not null and not coalesce((metric <> 'store_rating' or (metric_value >= 1 and metric_value <= 5)), false)",
                "reason": "A store rating lies outside 1 to 5 stars."
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
    "loyalty_entry": {
        "key": [
            "entry_id"
        ],
        "version_order": [
            "updated_at"
        ],
        "core_relation": "fct_loyalty_entry",
        "columns": {
            "entry_id": "string",
            "source_system": "string",
            "record_id": "string",
            "occurred_at": "timestamp",
            "updated_at": "timestamp",
            "entry_type": "string",
            "points": "double",
            "order_id": "string",
            "reward": "string",
            "expires_at": "timestamp",
            "tier": "string"
        },
        "blanked": {},
        "rules": [
            {
                "name": "entry_id_required",
                "sql": "(entry_id is null or trim(entry_id) = '')",
                "reason": "entry_id is missing."
            },
            {
                "name": "source_system_required",
                "sql": "(source_system is null or trim(source_system) = '')",
                "reason": "source_system is missing."
            },
            {
                "name": "record_id_required",
                "sql": "(record_id is null or trim(record_id) = '')",
                "reason": "record_id is missing."
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
                "name": "entry_type_required",
                "sql": "(entry_type is null or trim(entry_type) = '')",
                "reason": "entry_type is missing."
            },
            {
                "name": "entry_type_allowed",
                "sql": "entry_type is not null and entry_type not in ('earn', 'redeem', 'expire', 'adjust')",
                "reason": "entry_type is none of: earn, redeem, expire, adjust."
            },
            {
                "name": "points_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',points,')",
                "reason": "points is no valid double."
            },
            {
                "name": "points_required",
                "sql": "points is null and (_mistyped_columns is null or not contains(',' || _mistyped_columns || ',', ',points,'))",
                "reason": "points is missing."
            },
            {
                "name": "points_finite",
                "sql": "points is not null and not (points >= -1.7976931348623157e308 and points <= 1.7976931348623157e308)",
                "reason": "points is not a finite number."
            },
            {
                "name": "expires_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',expires_at,')",
                "reason": "expires_at is no valid timestamp."
            },
            {
                "name": "earn_not_negative",
                "sql": "entry_type is not null and points is not null and not coalesce((entry_type <> 'earn' or points >= 0), false)",
                "reason": "Points were earned with a negative number."
            },
            {
                "name": "redeem_not_positive",
                "sql": "entry_type is not null and points is not null and not coalesce((entry_type <> 'redeem' or points <= 0), false)",
                "reason": "Points were redeemed with a positive number."
            },
            {
                "name": "expire_not_positive",
                "sql": "entry_type is not null and points is not null and not coalesce((entry_type <> 'expire' or points <= 0), false)",
                "reason": "Points expired with a positive number."
            }
        ]
    },
    "marketing_spend": {
        "key": [
            "spend_id"
        ],
        "version_order": [],
        "core_relation": "fct_marketing_spend",
        "columns": {
            "spend_id": "string",
            "source_system": "string",
            "spent_on": "date",
            "origin": "string",
            "campaign_id": "string",
            "channel": "string",
            "cost_amount": "decimal(18,2)",
            "currency_code": "string",
            "impression_count": "bigint",
            "click_count": "bigint"
        },
        "blanked": {},
        "rules": [
            {
                "name": "spend_id_required",
                "sql": "(spend_id is null or trim(spend_id) = '')",
                "reason": "spend_id is missing."
            },
            {
                "name": "source_system_required",
                "sql": "(source_system is null or trim(source_system) = '')",
                "reason": "source_system is missing."
            },
            {
                "name": "spent_on_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',spent_on,')",
                "reason": "spent_on is no valid date."
            },
            {
                "name": "spent_on_required",
                "sql": "spent_on is null and (_mistyped_columns is null or not contains(',' || _mistyped_columns || ',', ',spent_on,'))",
                "reason": "spent_on is missing."
            },
            {
                "name": "spent_on_min",
                "sql": "spent_on is not null and spent_on < cast('1990-01-01' as date)",
                "reason": "spent_on is below 1990-01-01."
            },
            {
                "name": "origin_required",
                "sql": "(origin is null or trim(origin) = '')",
                "reason": "origin is missing."
            },
            {
                "name": "cost_amount_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',cost_amount,')",
                "reason": "cost_amount is no valid decimal(18,2)."
            },
            {
                "name": "cost_amount_required",
                "sql": "cost_amount is null and (_mistyped_columns is null or not contains(',' || _mistyped_columns || ',', ',cost_amount,'))",
                "reason": "cost_amount is missing."
            },
            {
                "name": "cost_amount_min",
                "sql": "cost_amount is not null and cost_amount < 0",
                "reason": "cost_amount is below 0."
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
                "name": "impression_count_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',impression_count,')",
                "reason": "impression_count is no valid bigint."
            },
            {
                "name": "impression_count_min",
                "sql": "impression_count is not null and impression_count < 0",
                "reason": "impression_count is below 0."
            },
            {
                "name": "click_count_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',click_count,')",
                "reason": "click_count is no valid bigint."
            },
            {
                "name": "click_count_min",
                "sql": "click_count is not null and click_count < 0",
                "reason": "click_count is below 0."
            }
        ]
    },
    "message_sent": {
        "key": [
            "message_id"
        ],
        "version_order": [
            "updated_at"
        ],
        "core_relation": "fct_message_sent",
        "columns": {
            "message_id": "string",
            "source_system": "string",
            "record_id": "string",
            "sent_at": "timestamp",
            "updated_at": "timestamp",
            "channel": "string",
            "message_type": "string",
            "touchpoint": "string",
            "order_id": "string",
            "ticket_id": "string",
            "campaign_id": "string",
            "language_code": "string",
            "message_text": "string",
            "opened_at": "timestamp",
            "clicked_at": "timestamp",
            "is_bounced": "boolean"
        },
        "blanked": {},
        "rules": [
            {
                "name": "message_id_required",
                "sql": "(message_id is null or trim(message_id) = '')",
                "reason": "message_id is missing."
            },
            {
                "name": "source_system_required",
                "sql": "(source_system is null or trim(source_system) = '')",
                "reason": "source_system is missing."
            },
            {
                "name": "record_id_required",
                "sql": "(record_id is null or trim(record_id) = '')",
                "reason": "record_id is missing."
            },
            {
                "name": "sent_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',sent_at,')",
                "reason": "sent_at is no valid timestamp."
            },
            {
                "name": "sent_at_required",
                "sql": "sent_at is null and (_mistyped_columns is null or not contains(',' || _mistyped_columns || ',', ',sent_at,'))",
                "reason": "sent_at is missing."
            },
            {
                "name": "sent_at_min",
                "sql": "sent_at is not null and sent_at < cast('1990-01-01' as timestamp)",
                "reason": "sent_at is below 1990-01-01."
            },
            {
                "name": "updated_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',updated_at,')",
                "reason": "updated_at is no valid timestamp."
            },
            {
                "name": "channel_required",
                "sql": "(channel is null or trim(channel) = '')",
                "reason": "channel is missing."
            },
            {
                "name": "message_type_required",
                "sql": "(message_type is null or trim(message_type) = '')",
                "reason": "message_type is missing."
            },
            {
                "name": "language_code_length",
                "sql": "language_code is not null and length(language_code) <> 2",
                "reason": "language_code has not 2 characters."
            },
            {
                "name": "opened_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',opened_at,')",
                "reason": "opened_at is no valid timestamp."
            },
            {
                "name": "clicked_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',clicked_at,')",
                "reason": "clicked_at is no valid timestamp."
            },
            {
                "name": "is_bounced_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',is_bounced,')",
                "reason": "is_bounced is no valid boolean."
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
            "unit_cost_amount": "decimal(18,2)",
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
                "name": "unit_cost_amount_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',unit_cost_amount,')",
                "reason": "unit_cost_amount is no valid decimal(18,2)."
            },
            {
                "name": "unit_cost_amount_min",
                "sql": "unit_cost_amount is not null and unit_cost_amount < 0",
                "reason": "unit_cost_amount is below 0."
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
    "referral": {
        "key": [
            "referral_id"
        ],
        "version_order": [
            "updated_at"
        ],
        "core_relation": "fct_referral",
        "columns": {
            "referral_id": "string",
            "source_system": "string",
            "record_id": "string",
            "referred_record_id": "string",
            "referred_at": "timestamp",
            "updated_at": "timestamp",
            "converted_at": "timestamp",
            "channel": "string",
            "reward_amount": "decimal(18,2)",
            "currency_code": "string",
            "referral_status": "string"
        },
        "blanked": {},
        "rules": [
            {
                "name": "referral_id_required",
                "sql": "(referral_id is null or trim(referral_id) = '')",
                "reason": "referral_id is missing."
            },
            {
                "name": "source_system_required",
                "sql": "(source_system is null or trim(source_system) = '')",
                "reason": "source_system is missing."
            },
            {
                "name": "record_id_required",
                "sql": "(record_id is null or trim(record_id) = '')",
                "reason": "record_id is missing."
            },
            {
                "name": "referred_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',referred_at,')",
                "reason": "referred_at is no valid timestamp."
            },
            {
                "name": "referred_at_required",
                "sql": "referred_at is null and (_mistyped_columns is null or not contains(',' || _mistyped_columns || ',', ',referred_at,'))",
                "reason": "referred_at is missing."
            },
            {
                "name": "referred_at_min",
                "sql": "referred_at is not null and referred_at < cast('1990-01-01' as timestamp)",
                "reason": "referred_at is below 1990-01-01."
            },
            {
                "name": "updated_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',updated_at,')",
                "reason": "updated_at is no valid timestamp."
            },
            {
                "name": "converted_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',converted_at,')",
                "reason": "converted_at is no valid timestamp."
            },
            {
                "name": "reward_amount_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',reward_amount,')",
                "reason": "reward_amount is no valid decimal(18,2)."
            },
            {
                "name": "reward_amount_min",
                "sql": "reward_amount is not null and reward_amount < 0",
                "reason": "reward_amount is below 0."
            },
            {
                "name": "currency_code_iso_4217",
                "sql": "currency_code is not null and currency_code not in ('AED', 'AFN', 'ALL', 'AMD', 'ANG', 'AOA', 'ARS', 'ATS', 'AUD', 'AWG', 'AZM', 'AZN', 'BAM', 'BBD', 'BDT', 'BEF', 'BGL', 'BGN', 'BHD', 'BIF', 'BMD', 'BND', 'BOB', 'BRL', 'BSD', 'BTN', 'BWP', 'BYN', 'BYR', 'BZD', 'CAD', 'CDF', 'CHF', 'CLF', 'CLP', 'CNY', 'COP', 'CRC', 'CUC', 'CUP', 'CVE', 'CYP', 'CZK', 'DEM', 'DJF', 'DKK', 'DOP', 'DZD', 'EEK', 'EGP', 'ERN', 'ESP', 'ETB', 'EUR', 'FIM', 'FJD', 'FKP', 'FRF', 'GBP', 'GEL', 'GHC', 'GHS', 'GIP', 'GMD', 'GNF', 'GRD', 'GTQ', 'GYD', 'HKD', 'HNL', 'HRK', 'HTG', 'HUF', 'IDR', 'IEP', 'ILS', 'INR', 'IQD', 'IRR', 'ISK', 'ITL', 'JMD', 'JOD', 'JPY', 'KES', 'KGS', 'KHR', 'KMF', 'KPW', 'KRW', 'KWD', 'KYD', 'KZT', 'LAK', 'LBP', 'LKR', 'LRD', 'LSL', 'LTL', 'LUF', 'LVL', 'LYD', 'MAD', 'MDL', 'MGA', 'MKD', 'MMK', 'MNT', 'MOP', 'MRO', 'MRU', 'MTL', 'MUR', 'MVR', 'MWK', 'MXN', 'MYR', 'MZM', 'MZN', 'NAD', 'NGN', 'NIO', 'NLG', 'NOK', 'NPR', 'NZD', 'OMR', 'PAB', 'PEN', 'PGK', 'PHP', 'PKR', 'PLN', 'PTE', 'PYG', 'QAR', 'ROL', 'RON', 'RSD', 'RUB', 'RWF', 'SAR', 'SBD', 'SCR', 'SDD', 'SDG', 'SEK', 'SGD', 'SHP', 'SIT', 'SKK', 'SLE', 'SLL', 'SOS', 'SRD', 'SSP', 'STD', 'STN', 'SVC', 'SYP', 'SZL', 'THB', 'TJS', 'TMM', 'TMT', 'TND', 'TOP', 'TRL', 'TRY', 'TTD', 'TWD', 'TZS', 'UAH', 'UGX', 'USD', 'UYI', 'UYU', 'UZS', 'VEB', 'VED', 'VEF', 'VES', 'VND', 'VUV', 'WST', 'XAF', 'XCD', 'XCG', 'XDR', 'XOF', 'XPF', 'YER', 'ZAR', 'ZMK', 'ZMW', 'ZWG', 'ZWL')",
                "reason": "currency_code is no currency code of ISO 4217."
            },
            {
                "name": "referral_status_required",
                "sql": "(referral_status is null or trim(referral_status) = '')",
                "reason": "referral_status is missing."
            },
            {
                "name": "referral_status_allowed",
                "sql": "referral_status is not null and referral_status not in ('sent', 'converted', 'expired')",
                "reason": "referral_status is none of: sent, converted, expired."
            },
            {
                "name": "converted_has_date",
                "sql": "referral_status is not null and not coalesce((referral_status <> 'converted' or converted_at is not null), false)",
                "reason": "The referral is converted without a date."
            },
            {
                "name": "converted_not_before_referred",
                "sql": "referred_at is not null and not coalesce((converted_at is null or converted_at >= referred_at), false)",
                "reason": "The referral was converted before it was made."
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
    "subscription": {
        "key": [
            "subscription_id"
        ],
        "version_order": [
            "updated_at"
        ],
        "core_relation": "fct_subscription",
        "columns": {
            "subscription_id": "string",
            "source_system": "string",
            "record_id": "string",
            "product_id": "string",
            "plan_name": "string",
            "started_at": "timestamp",
            "updated_at": "timestamp",
            "subscription_status": "string",
            "cancel_requested_at": "timestamp",
            "ended_at": "timestamp",
            "renews_at": "timestamp",
            "cancel_reason": "string",
            "billing_interval": "string",
            "recurring_amount": "decimal(18,2)",
            "currency_code": "string"
        },
        "blanked": {},
        "rules": [
            {
                "name": "subscription_id_required",
                "sql": "(subscription_id is null or trim(subscription_id) = '')",
                "reason": "subscription_id is missing."
            },
            {
                "name": "source_system_required",
                "sql": "(source_system is null or trim(source_system) = '')",
                "reason": "source_system is missing."
            },
            {
                "name": "record_id_required",
                "sql": "(record_id is null or trim(record_id) = '')",
                "reason": "record_id is missing."
            },
            {
                "name": "started_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',started_at,')",
                "reason": "started_at is no valid timestamp."
            },
            {
                "name": "started_at_required",
                "sql": "started_at is null and (_mistyped_columns is null or not contains(',' || _mistyped_columns || ',', ',started_at,'))",
                "reason": "started_at is missing."
            },
            {
                "name": "started_at_min",
                "sql": "started_at is not null and started_at < cast('1990-01-01' as timestamp)",
                "reason": "started_at is below 1990-01-01."
            },
            {
                "name": "updated_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',updated_at,')",
                "reason": "updated_at is no valid timestamp."
            },
            {
                "name": "subscription_status_required",
                "sql": "(subscription_status is null or trim(subscription_status) = '')",
                "reason": "subscription_status is missing."
            },
            {
                "name": "subscription_status_allowed",
                "sql": "subscription_status is not null and subscription_status not in ('trial', 'active', 'paused', 'canceled', 'expired')",
                "reason": "subscription_status is none of: trial, active, paused, canceled, expired."
            },
            {
                "name": "cancel_requested_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',cancel_requested_at,')",
                "reason": "cancel_requested_at is no valid timestamp."
            },
            {
                "name": "ended_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',ended_at,')",
                "reason": "ended_at is no valid timestamp."
            },
            {
                "name": "renews_at_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',renews_at,')",
                "reason": "renews_at is no valid timestamp."
            },
            {
                "name": "billing_interval_allowed",
                "sql": "billing_interval is not null and billing_interval not in ('week', 'month', 'quarter', 'year', 'once')",
                "reason": "billing_interval is none of: week, month, quarter, year, once."
            },
            {
                "name": "recurring_amount_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',recurring_amount,')",
                "reason": "recurring_amount is no valid decimal(18,2)."
            },
            {
                "name": "recurring_amount_min",
                "sql": "recurring_amount is not null and recurring_amount < 0",
                "reason": "recurring_amount is below 0."
            },
            {
                "name": "currency_code_iso_4217",
                "sql": "currency_code is not null and currency_code not in ('AED', 'AFN', 'ALL', 'AMD', 'ANG', 'AOA', 'ARS', 'ATS', 'AUD', 'AWG', 'AZM', 'AZN', 'BAM', 'BBD', 'BDT', 'BEF', 'BGL', 'BGN', 'BHD', 'BIF', 'BMD', 'BND', 'BOB', 'BRL', 'BSD', 'BTN', 'BWP', 'BYN', 'BYR', 'BZD', 'CAD', 'CDF', 'CHF', 'CLF', 'CLP', 'CNY', 'COP', 'CRC', 'CUC', 'CUP', 'CVE', 'CYP', 'CZK', 'DEM', 'DJF', 'DKK', 'DOP', 'DZD', 'EEK', 'EGP', 'ERN', 'ESP', 'ETB', 'EUR', 'FIM', 'FJD', 'FKP', 'FRF', 'GBP', 'GEL', 'GHC', 'GHS', 'GIP', 'GMD', 'GNF', 'GRD', 'GTQ', 'GYD', 'HKD', 'HNL', 'HRK', 'HTG', 'HUF', 'IDR', 'IEP', 'ILS', 'INR', 'IQD', 'IRR', 'ISK', 'ITL', 'JMD', 'JOD', 'JPY', 'KES', 'KGS', 'KHR', 'KMF', 'KPW', 'KRW', 'KWD', 'KYD', 'KZT', 'LAK', 'LBP', 'LKR', 'LRD', 'LSL', 'LTL', 'LUF', 'LVL', 'LYD', 'MAD', 'MDL', 'MGA', 'MKD', 'MMK', 'MNT', 'MOP', 'MRO', 'MRU', 'MTL', 'MUR', 'MVR', 'MWK', 'MXN', 'MYR', 'MZM', 'MZN', 'NAD', 'NGN', 'NIO', 'NLG', 'NOK', 'NPR', 'NZD', 'OMR', 'PAB', 'PEN', 'PGK', 'PHP', 'PKR', 'PLN', 'PTE', 'PYG', 'QAR', 'ROL', 'RON', 'RSD', 'RUB', 'RWF', 'SAR', 'SBD', 'SCR', 'SDD', 'SDG', 'SEK', 'SGD', 'SHP', 'SIT', 'SKK', 'SLE', 'SLL', 'SOS', 'SRD', 'SSP', 'STD', 'STN', 'SVC', 'SYP', 'SZL', 'THB', 'TJS', 'TMM', 'TMT', 'TND', 'TOP', 'TRL', 'TRY', 'TTD', 'TWD', 'TZS', 'UAH', 'UGX', 'USD', 'UYI', 'UYU', 'UZS', 'VEB', 'VED', 'VEF', 'VES', 'VND', 'VUV', 'WST', 'XAF', 'XCD', 'XCG', 'XDR', 'XOF', 'XPF', 'YER', 'ZAR', 'ZMK', 'ZMW', 'ZWG', 'ZWL')",
                "reason": "currency_code is no currency code of ISO 4217."
            },
            {
                "name": "ended_not_before_started",
                "sql": "started_at is not null and not coalesce((ended_at is null or ended_at >= started_at), false)",
                "reason": "The subscription ended before it started."
            },
            {
                "name": "canceled_has_date",
                "sql": "subscription_status is not null and not coalesce((subscription_status <> 'canceled' or cancel_requested_at is not null or ended_at is not null), false)",
                "reason": "The subscription is canceled without a date of notice or end."
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
                "sql": "metric is not null and metric not in ('nps', 'csat', 'ces', 'expectation', 'other')",
                "reason": "metric is none of: nps, csat, ces, expectation, other."
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
                "name": "expectation_of_touchpoint",
                "sql": "metric is not null and not coalesce((metric <> 'expectation' or touchpoint is not null), false)",
                "reason": "An expectation names no touchpoint."
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
            "is_complaint": "boolean",
            "cost_amount": "decimal(18,2)",
            "currency_code": "string"
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
            "cost_amount": "decimal(18,2)",
            "refund_amount": "decimal(18,2)",
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
                "name": "cost_amount_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',cost_amount,')",
                "reason": "cost_amount is no valid decimal(18,2)."
            },
            {
                "name": "cost_amount_min",
                "sql": "cost_amount is not null and cost_amount < -100000000",
                "reason": "cost_amount is below -100000000."
            },
            {
                "name": "cost_amount_max",
                "sql": "cost_amount is not null and cost_amount > 100000000",
                "reason": "cost_amount is above 100000000."
            },
            {
                "name": "refund_amount_type",
                "sql": "_mistyped_columns is not null and contains(',' || _mistyped_columns || ',', ',refund_amount,')",
                "reason": "refund_amount is no valid decimal(18,2)."
            },
            {
                "name": "refund_amount_min",
                "sql": "refund_amount is not null and refund_amount < 0",
                "reason": "refund_amount is below 0."
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
            },
            {
                "name": "cost_signed_as_line",
                "sql": "line_type is not null and not coalesce((cost_amount is null or (line_type = 'sale' and cost_amount >= 0) or (line_type = 'return' and cost_amount <= 0)), false)",
                "reason": "A sale has a negative cost, or a return a positive one."
            },
            {
                "name": "refund_of_return",
                "sql": "line_type is not null and not coalesce((refund_amount is null or line_type = 'return'), false)",
                "reason": "A sale has a refund."
            }
        ]
    }
}) }}
{%- endmacro %}
