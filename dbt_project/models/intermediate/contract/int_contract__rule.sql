{{ config(materialized='view') }}

{{ contract_rule_rows() }}
