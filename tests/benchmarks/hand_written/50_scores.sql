create macro student(df) as case df when 1 then 12.706204736 when 2 then 4.30265273 when 3 then 3.182446305 else
    z() + 2.372271230298562 / nullif(df, 0) + 2.8224986157396112 / nullif(df, 0) ^ 2
    + 2.555849679507722 / nullif(df, 0) ^ 3 + 1.5895340533938225 / nullif(df, 0) ^ 4 end;

-- Scores of every period and cut in one GROUPING SETS statement: counts, a design effect by customer, intervals.
create temp table judged_answer as
with category as (
    select order_id, coalesce(category_name, 'unknown') as category, sum(net_amount) as amount
    from core.fct_transaction_line left join core.dim_product using (product_id)
    where line_type = 'sale' and order_id in (select order_id from core.fct_survey_invitation)
    group by all
),
answer as (
    select
        r.*, i.order_id, i.channel as asked_on, i.touchpoint as asked_about,
        date_diff('day', i.invited_date, r.responded_date) as days_to_answer
    from core.fct_survey_response as r left join core.fct_survey_invitation as i using (invitation_id)
)
select
    answer.* exclude (touchpoint, channel),
    coalesce(answer.touchpoint, asked_about, if(survey_type = 'relational', 'overall', 'unmapped')) as touchpoint,
    coalesce(answer.channel, asked_on, 'unknown') as channel,
    coalesce(best.category, 'unknown') as product_category,
    case
        when metric = 'nps' then (score >= 9)::int - (score <= 6)::int
        when metric = 'csat' then (score >= scale_max - 1 and score > (scale_min + scale_max) / 2)::int
        when metric = 'ces' then (score > (scale_min + scale_max) / 2)::int
    end as answer_point,
    score is not null and responded_date <= getvariable('as_of') and row_number() over (
        partition by coalesce('i' || invitation_id, 'r' || response_id), question_id,
            score is not null and responded_date <= getvariable('as_of')
        order by responded_at, response_id
    ) = 1 as counts
from answer
left join (
    select order_id, arg_max(category, (amount, -rank)) as category
    from (select *, rank() over (partition by order_id order by category) as rank from category) group by all
) as best using (order_id);

create temp table invited as
with category as (
    select order_id, coalesce(category_name, 'unknown') as category, sum(net_amount) as amount
    from core.fct_transaction_line left join core.dim_product using (product_id)
    where line_type = 'sale' and order_id in (select order_id from core.fct_survey_invitation)
    group by all
),
answered as (
    select distinct invitation_id, true as yes from core.fct_survey_response
    where (score is not null or has_verbatim) and responded_date <= getvariable('as_of')
),
invitation as (
    select
        survey_type, coalesce(touchpoint, if(survey_type = 'relational', 'overall', 'unmapped')) as touchpoint,
        coalesce(channel, 'unknown') as channel, coalesce(best.category, 'unknown') as product_category,
        coalesce(s.rfm_segment, 'unknown') as segment, coalesce(yes, false) as is_answered,
        unnest([
            {p: 'day', s: invited_date},
            {p: 'week', s: date_trunc('week', invited_date)::date},
            {p: 'month', s: date_trunc('month', invited_date)::date},
            {p: 'quarter', s: date_trunc('quarter', invited_date)::date},
            {p: 'year', s: date_trunc('year', invited_date)::date},
            {p: 'rolling_30', s: getvariable('as_of') - 29 - 30 * ((getvariable('as_of') - invited_date) // 30)::int},
            {p: 'rolling_90', s: getvariable('as_of') - 89 - 90 * ((getvariable('as_of') - invited_date) // 90)::int},
            {p: 'all_time', s: date '1990-01-01'}
        ]) as of
    from core.fct_survey_invitation as i
    left join answered using (invitation_id)
    left join (
        select order_id, arg_max(category, (amount, -rank)) as category
        from (select *, rank() over (partition by order_id order by category) as rank from category) group by all
    ) as best using (order_id)
    left join core.bridge_record_customer as b on i.record_id = b.record_id and b.is_current
    left join given.customer_rfm as s on b.customer_id = s.customer_id
    where invited_date <= getvariable('as_of')
)
select
    of.p as period, of.s as period_start, survey_type, coalesce(touchpoint, 'all') as touchpoint,
    coalesce(channel, 'all') as channel, coalesce(product_category, 'all') as product_category,
    coalesce(segment, 'all') as segment, count(*) as invited_count, count_if(is_answered) as answered_count
from invitation
group by grouping sets (
    (of.p, of.s, survey_type), (of.p, of.s, survey_type, touchpoint), (of.p, of.s, survey_type, channel),
    (of.p, of.s, survey_type, product_category), (of.p, of.s, survey_type, segment),
    (of.p, of.s, survey_type, touchpoint, channel), (of.p, of.s, survey_type, touchpoint, segment)
);

create table marts.mart_experience__score as
with answer as (
    select
        a.survey_type, a.metric, a.scale_min, a.scale_max, a.touchpoint, a.channel, a.product_category,
        coalesce(s.rfm_segment, 'unknown') as segment, coalesce('c' || b.customer_id, 'r' || response_id) as who,
        coalesce(answer_point, 0) as point, round(score * 1000)::bigint as milli,
        round(coalesce(a.weight, w.weight) * 10000)::bigint as w,
        unnest([
            {p: 'day', s: responded_date},
            {p: 'week', s: date_trunc('week', responded_date)::date},
            {p: 'month', s: date_trunc('month', responded_date)::date},
            {p: 'quarter', s: date_trunc('quarter', responded_date)::date},
            {p: 'year', s: date_trunc('year', responded_date)::date},
            {p: 'rolling_30', s: getvariable('as_of') - 29 - 30 * ((getvariable('as_of') - responded_date) // 30)::int},
            {p: 'rolling_90', s: getvariable('as_of') - 89 - 90 * ((getvariable('as_of') - responded_date) // 90)::int},
            {p: 'all_time', s: date '1990-01-01'}
        ]) as of
    from judged_answer as a
    left join core.bridge_record_customer as b on a.record_id = b.record_id and b.is_current
    left join given.customer_rfm as s on b.customer_id = s.customer_id
    left join given.answer_weight as w on a.invitation_id = w.invitation_id
    where counts
),
customer as (
    select
        of.p as period, of.s as period_start, survey_type, metric, scale_min, scale_max,
        touchpoint, channel, product_category, segment, who,
        case grouping(touchpoint, channel, product_category, segment)
            when 15 then 'all' when 7 then 'touchpoint' when 11 then 'channel' when 13 then 'product_category'
            when 14 then 'segment' when 3 then 'touchpoint+channel' when 6 then 'touchpoint+segment'
        end as cut,
        count(*) as n, count_if(point = 1) as fav, count_if(point = -1) as det,
        sum(point)::bigint as y, sum(milli)::bigint as x, sum(milli * milli)::bigint as xx,
        count(w) as wn, sum(w)::bigint as wt, sum(w * w)::bigint as ww, sum(w * point)::bigint as wy,
        sum(w * abs(point))::bigint as wa, sum(w * milli)::bigint as wx
    from answer
    group by grouping sets (
        (of.p, of.s, survey_type, metric, scale_min, scale_max, who),
        (of.p, of.s, survey_type, metric, scale_min, scale_max, who, touchpoint),
        (of.p, of.s, survey_type, metric, scale_min, scale_max, who, channel),
        (of.p, of.s, survey_type, metric, scale_min, scale_max, who, product_category),
        (of.p, of.s, survey_type, metric, scale_min, scale_max, who, segment),
        (of.p, of.s, survey_type, metric, scale_min, scale_max, who, touchpoint, channel),
        (of.p, of.s, survey_type, metric, scale_min, scale_max, who, touchpoint, segment)
    )
),
cell as (
    select
        period, period_start, cut, survey_type, metric, scale_min, scale_max,
        coalesce(touchpoint, 'all') as touchpoint, coalesce(channel, 'all') as channel,
        coalesce(product_category, 'all') as product_category, coalesce(segment, 'all') as segment,
        count(*) as customers, sum(n)::bigint as n, sum(fav)::bigint as fav, sum(det)::bigint as det,
        sum(x)::bigint as x, sum(xx)::double as xx, sum(n * n)::double as nn,
        sum(y * y)::double as yy, sum(y * n)::double as yn, sum(x * x)::double as x2, sum(x * n)::double as xn,
        sum(wn)::bigint as wn, sum(wt)::double as wt, sum(ww)::double as ww, sum(wx)::double as wx,
        sum(wy)::double / sum(wt) as wm, (sum(wa) + sum(wy))::double / 2 / sum(wt) as wf,
        (sum(wa) - sum(wy))::double / 2 / sum(wt) as wd, sum(wt * wt)::double as wt2, sum(wy * wy)::double as wyy,
        sum(wy * wt)::double as wyt
    from customer group by all
),
spread as (
    select
        *, (fav - det)::double / n as m, (fav + det)::double / n - ((fav - det)::double / n) ^ 2 as v,
        x::double / n as mx, greatest(0, xx / n - (x::double / n) ^ 2) as vx,
        n / (n - 1.0) as one_by_one, customers / (customers - 1.0) as by_customer, wf + wd - wm * wm as wv,
        (wyy - 2 * wm * wyt + wm * wm * wt2) * by_customer * (wn - 1.0) / wn as ws
    from cell
),
effective as (
    select
        *,
        case
            when customers < 2 then n when v <= 0 then nn / n
            else least(n, greatest(1, (yy - 2 * m * yn + m * m * nn) / (n * v) * by_customer / one_by_one))
        end as effect,
        case
            when customers < 2 then n when vx <= 0 then nn / n
            else least(n, greatest(1, (x2 - 2 * mx * xn + mx * mx * nn) / (n * vx) * by_customer / one_by_one))
        end as mean_effect,
        case
            when wn = 0 then null when customers < 2 or wn < 2 then 1 when wv <= 0 then wt * wt / wt2
            when ws <= 0 then wt * wt / ww else greatest(1, least(wt * wt / ww, wt * wt * wv / ws))
        end as we,
        case period
            when 'day' then period_start when 'week' then period_start + 6
            when 'month' then last_day(period_start) when 'quarter' then (period_start + interval 3 months)::date - 1
            when 'year' then (period_start + interval 1 year)::date - 1
            when 'rolling_30' then period_start + 29 when 'rolling_90' then period_start + 89
            else getvariable('as_of')
        end as period_end
    from spread
),
bounded as (
    select *, n / effect as e, sqrt(vx * mean_effect / nullif(n - 1, 0)) / 1000 as se, customers - 1.0 as df
    from effective
)
select
    period, period_start, least(period_end, getvariable('as_of')) as counted_until_date,
    period_end <= getvariable('as_of') as is_complete, cut, touchpoint, channel, product_category, segment,
    survey_type, metric, scale_min, scale_max,
    if(cut not like '%channel%', invited_count, null) as invited_count,
    if(cut not like '%channel%', answered_count, null) as answered_count,
    if(cut not like '%channel%', answered_count / invited_count, null) as response_share, n as response_count, customers as customer_count,
    fav as favourable_count, det as detractor_count, e as effective_count,
    case when metric = 'nps' then 100 * (fav - det) / n when metric in ('csat', 'ces') then fav / n end as score_value,
    case
        when metric = 'nps' then nps_bound(fav / n * e, det / n * e, e, -1)
        when metric in ('csat', 'ces') then greatest(0, wilson(fav / n * e, e, -1))
    end as interval_low,
    case
        when metric = 'nps' then nps_bound(fav / n * e, det / n * e, e, 1)
        when metric in ('csat', 'ces') then least(1, wilson(fav / n * e, e, 1))
    end as interval_high,
    mx / 1000 as mean_score,
    mx / 1000 - se * student(df) as mean_low,
    mx / 1000 + se * student(df) as mean_high,
    wn as weighted_response_count, we as weighted_effective_count,
    case when metric = 'nps' then 100 * (wf - wd) when metric in ('csat', 'ces') then wf end as weighted_value,
    case
        when we is null then null
        when metric = 'nps' then nps_bound(wf * we, wd * we, we, -1)
        when metric in ('csat', 'ces') then greatest(0, wilson(wf * we, we, -1))
    end as weighted_low,
    case
        when we is null then null
        when metric = 'nps' then nps_bound(wf * we, wd * we, we, 1)
        when metric in ('csat', 'ces') then least(1, wilson(wf * we, we, 1))
    end as weighted_high,
    wx / wt / 1000 as weighted_mean_score,
    n < 30 as is_suppressed
from bounded
left join invited using (period, period_start, survey_type, touchpoint, channel, product_category, segment);

create table marts.mart_experience__score_by_touchpoint_month as
select
    period_start as score_month, survey_type, touchpoint, metric, scale_min, scale_max, response_count,
    favourable_count, detractor_count, score_value, mean_score, interval_low, interval_high, is_suppressed,
    counted_until_date
from marts.mart_experience__score where period = 'month' and cut = 'touchpoint';
