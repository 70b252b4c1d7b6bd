{#-
    The touchpoints and the first and last wave that asked about them; company.yml says by which column. Nobody was
    asked how likely a recommendation is, so there is no NPS.
-#}
{% set touchpoints = [
    ('artwork', 2010, 2016),
    ('food', 2010, 2016),
    ('shops', 2010, 2016),
    ('signs', 2010, 2016),
    ('walkways', 2010, 2016),
    ('flight_screens', 2010, 2016),
    ('information_arrivals', 2010, 2016),
    ('information_departures', 2010, 2016),
    ('wifi', 2013, 2016),
    ('road_signs', 2010, 2016),
    ('parking', 2010, 2016),
    ('airtrain', 2010, 2016),
    ('long_term_parking', 2010, 2016),
    ('rental_cars', 2010, 2016),
    ('airport_overall', 2010, 2016),
    ('clean_boarding_area', 2010, 2016),
    ('clean_parking', 2010, 2012),
    ('clean_airtrain', 2010, 2016),
    ('clean_rental_cars', 2010, 2016),
    ('clean_food', 2010, 2016),
    ('clean_restrooms', 2010, 2016),
    ('clean_overall', 2013, 2016),
    ('safety', 2010, 2016),
    ('website', 2010, 2012),
    ('precheck', 2014, 2016),
    ('getting_there', 2012, 2016),
    ('finding_the_way', 2010, 2016),
    ('security_check', 2010, 2016),
] -%}

-- One row per respondent and question of the wave. A rating is 1 (unacceptable) to 5 (outstanding); 6 is "have never
-- used or visited" and 0 a blank: neither is a score, and no_score_reason keeps them apart. Any other number is no
-- answer at all and fails the contract. An empty field is a question that a filter skipped and gives no row.
--
-- Nobody is named, and a respondent's number means nothing outside its wave: a record for each would invent 23,025
-- customers who never bought, so record_id is null. Only 2016 has days of interview. Before, INTDATE numbers the days
-- of the field work by a key that the files lack; those answers stand on 1 May, the month in which 2016 asked, at
-- local midnight: compare waves, not days. 2011 and 2012 have no weights and can only be read unweighted.
with question as (
    {% for touchpoint, first_wave, last_wave in touchpoints -%}
    select '{{ touchpoint }}' as touchpoint, {{ first_wave }} as first_wave, {{ last_wave }} as last_wave
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

-- Each wave is read once and given a row per question; a select per question would read every file 25 times.
answer as (
    {% for wave in range(2010, 2017) -%}
    select
        '{{ wave }}' as wave,
        respondent.respondent,
        {% if wave == 2016 -%}
        respondent.interviewed_at as responded_at,
        {% else -%}
        cast('{{ wave }}-05-01 07:00:00' as timestamp) as responded_at,
        {% endif -%}
        {{ 'cast(null as double)' if wave in (2011, 2012) else 'respondent.weight' }} as weight,
        question.touchpoint,
        case question.touchpoint
            {% for touchpoint, first_wave, last_wave in touchpoints if first_wave <= wave <= last_wave -%}
            when '{{ touchpoint }}' then respondent.{{ touchpoint }}
            {% endfor -%}
        end as rating,
        {{ landing_columns('respondent') }}
    from {{ source('landing', 'survey__wave_' ~ wave) }} as respondent
    inner join question on question.first_wave <= {{ wave }} and question.last_wave >= {{ wave }}
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

mapped as (
    select
        'sfo:' || wave || ':' || respondent as response_id,
        touchpoint as question_id,
        'sfo' as source_system,
        'guest_survey' as survey_id,
        wave,
        'transactional' as survey_type,
        touchpoint,
        responded_at,
        'csat' as metric,
        case when rating not in (0, 6) then rating end as score,
        case rating when 6 then 'not_used' when 0 then 'left_blank' end as no_score_reason,
        1 as scale_min,
        5 as scale_max,
        weight,
        {{ landing_columns() }}
    from answer
    where rating is not null
)

{{ conform('survey_response', missing=['invitation_id', 'record_id', 'channel', 'verbatim', 'language_code']) }}
