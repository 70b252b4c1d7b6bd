-- The core continued: surveys, service, marketing.

create table core.fct_survey_invitation as
select
    'survey:' || invitation_no as invitation_id,
    'survey' as source_system,
    survey as survey_id,
    survey_type,
    customer_system || ':' || customer_no as record_id,
    'shop:' || order_no as order_id,
    touchpoint,
    channel,
    invited_at,
    local_date(invited_at) as invited_date,
    _load_id as load_id,
    _load_sequence as load_sequence
from landed('survey__invitations')
where
    invitation_no is not null
    and is_given(survey)
    and survey_type in ('relational', 'transactional')
    and invited_at >= timestamp '1990-01-01'
qualify row_number() over (
    partition by invitation_id order by _load_sequence desc, _load_id desc, _source_file desc, _source_row desc
) = 1;

create temp table answer as
select
    'survey:' || response_no as response_id,
    question as question_id,
    'survey' as source_system,
    'survey:' || invitation_no as invitation_id,
    survey as survey_id,
    null::varchar as wave,
    survey_type,
    customer_system || ':' || customer_no as record_id,
    touchpoint,
    channel,
    responded_at,
    metric,
    score,
    null::varchar as no_score_reason,
    if(metric = 'nps', 0, 1)::double as scale_min,
    case metric when 'nps' then 10 when 'ces' then 7 else 5 end::double as scale_max,
    null::double as weight,
    verbatim,
    language as language_code,
    local_date(responded_at) as responded_date,
    _load_id as load_id,
    _load_sequence as load_sequence
from landed('survey__responses')
where
    response_no is not null
    and is_given(question)
    and is_given(survey)
    and survey_type in ('relational', 'transactional')
    and responded_at >= timestamp '1990-01-01'
    and metric in ('nps', 'csat', 'ces', 'expectation', 'other') and (metric <> 'expectation' or touchpoint is not null)
    and coalesce(score between scale_min and scale_max, true)
    and coalesce(length(language) = 2, true)
qualify row_number() over (
    partition by response_id, question_id
    order by _load_sequence desc, _load_id desc, _source_file desc, _source_row desc
) = 1;

create table core.fct_survey_response as
select * exclude (verbatim), verbatim is not null as has_verbatim from answer;

create table core.fct_survey_verbatim as
select
    response_id, question_id, record_id, touchpoint, responded_at, verbatim, language_code, responded_date, load_id,
    load_sequence
from answer
where verbatim is not null;

create table core.fct_interaction as
with visit as (
    select 'web' as system, * from landed('web__visits')
    union all by name
    select 'store' as system, * from landed('store__contacts')
    union all by name
    select 'call_centre' as system, * from landed('call_centre__calls')
)
select
    system || ':' || interaction_no as interaction_id,
    system as source_system,
    customer_system || ':' || customer_no as record_id,
    occurred_at,
    channel,
    touchpoint,
    type as interaction_type,
    coalesce(duration_seconds, seconds) as duration_seconds,
    'shop:' || order_no as order_id,
    visit.cost_amount::decimal(18, 2) as cost_amount,
    if(system = 'web', null, 'EUR') as currency_code,
    local_date(occurred_at) as occurred_date,
    _load_id as load_id,
    _load_sequence as load_sequence
from visit
where
    interaction_no is not null
    and occurred_at >= timestamp '1990-01-01'
    and is_given(channel)
    and is_given(type)
    and coalesce(isfinite(coalesce(duration_seconds, seconds)) and coalesce(duration_seconds, seconds) >= 0, true)
    and coalesce(visit.cost_amount >= 0, true)
qualify row_number() over (
    partition by interaction_id order by _load_sequence desc, _load_id desc, _source_file desc, _source_row desc
) = 1;

create table core.fct_ticket as
select
    'desk:' || ticket_no as ticket_id,
    'desk' as source_system,
    customer_system || ':' || customer_no as record_id,
    'shop:' || order_no as order_id,
    opened as opened_at,
    changed as updated_at,
    first_reply as first_response_at,
    resolved as resolved_at,
    channel,
    category as category_name,
    priority,
    complaint as is_complaint,
    cost::decimal(18, 2) as cost_amount,
    'EUR' as currency_code,
    local_date(opened) as opened_date,
    local_date(resolved) as resolved_date,
    _load_id as load_id,
    _load_sequence as load_sequence
from landed('desk__tickets')
where
    ticket_no is not null
    and opened >= timestamp '1990-01-01'
    and complaint is not null
    and is_one_of(priority, ['low', 'normal', 'high', 'urgent'])
    and coalesce(cost >= 0, true)
    and coalesce(resolved >= opened, true)
    and coalesce(first_reply >= opened, true)
qualify row_number() over (
    partition by ticket_id
    order by changed desc nulls last, _load_sequence desc, _load_id desc, _source_file desc, _source_row desc
) = 1;

create table core.fct_campaign_contact as
select
    'marketing:' || landed.contact_id as contact_id,
    'marketing' as source_system,
    campaign_id,
    campaign_name,
    customer_system || ':' || customer_no as record_id,
    arm,
    contacted_at,
    updated_at,
    channel,
    offer,
    responded_at,
    response as response_type,
    cost_amount::decimal(18, 2) as cost_amount,
    'EUR' as currency_code,
    local_date(contacted_at) as contacted_date,
    local_date(responded_at) as responded_date,
    _load_id as load_id,
    _load_sequence as load_sequence
from landed('marketing__contacts') as landed
where
    landed.contact_id is not null
    and is_given(campaign_id)
    and is_given(record_id)
    and arm in ('treatment', 'control')
    and contacted_at >= timestamp '1990-01-01'
    and is_one_of(response, ['opened', 'clicked', 'redeemed', 'replied', 'unsubscribed'])
    and coalesce(landed.cost_amount >= 0, true)
    and (arm = 'treatment' or responded_at is null)
qualify row_number() over (
    partition by landed.contact_id
    order by updated_at desc nulls last, _load_sequence desc, _load_id desc, _source_file desc, _source_row desc
) = 1;

create table core.fct_lead as
select
    'marketing:' || lead_nr as lead_id,
    'marketing' as source_system,
    nullif(kunden_system, '') || ':' || nullif(kunden_nr, '') as record_id,
    erstellt as created_at,
    geaendert as updated_at,
    herkunft as origin,
    status as lead_status,
    qualifiziert as qualified_at,
    gewonnen as won_at,
    verloren as lost_at,
    null::varchar as account_reference,
    local_date(erstellt) as created_date,
    _load_id as load_id,
    _load_sequence as load_sequence
from landed('marketing__leads')
where
    lead_nr is not null
    and erstellt >= timestamp '1990-01-01'
    and status in ('open', 'qualified', 'won', 'lost')
    and (status <> 'won' or gewonnen is not null)
qualify row_number() over (
    partition by lead_id
    order by geaendert desc nulls last, _load_sequence desc, _load_id desc, _source_file desc, _source_row desc
) = 1;
