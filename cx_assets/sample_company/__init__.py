"""The sample company "Nordlicht": an invented retailer whose truth is known, generated from a seed.

`generate` writes the files that `data/companies/sample/company.yml` declares, and, apart from them, the truth
(files and columns in `truth`). Nothing in the pipeline imports this package or reads the truth.

Size. Scale 1 is 1,000,000 real customers with about 1,250,000 records in two CRM systems, 20,000,000 transaction
lines, 4,000,000 survey invitations with 1,200,000 answered, 12,200,000 interactions, 700,000 tickets, 2,700,000
campaign contacts, 260,000 leads and 20,000 products, over 36 periods of 30 days that end on 2026-06-30. Everything
but the products (at least 240) grows with the scale. All numbers are in `parameters` and the modules that it
names.

Planted effects, all of them zero in the null company (`is_null=True`):

* Relationship. Each customer has a hidden class for life (-1.2, 0 or 1.2, shares 25, 50 and 25%) and an experience
  that fades by a quarter each period: -0.5 by a late delivery, -0.6 by a complaint open at the period's end, +0.7 by
  one that was resolved within 8 days. Per unit of their sum the log-odds of leaving change by -0.6, the purchase rate
  by exp(0.5), the visit rate by exp(0.25), every impression by 0.6 standard deviations, the share of answers by
  exp(0.15).
* Leaving. An active customer leaves within a period, at the end of a day drawn evenly, with log-odds -3.75, +0.7 in
  the first three periods, +0.4 for those who came in the discount season (both also in the null company). Added to
  that: the relationship, +1.2 after a late delivery in the period before, +1.6 while a complaint was open at its end,
  +1.2 after a badly handled ticket (shown only where its survey was answered, by 1 or 2 of 5), +2.2 after a silent
  disappointment (6% of periods; no file shows it), -0.7 from the second to the sixth period of newcomers who took the
  tour (offered to 40% at random, within 29 days after the first purchase). On the days before leaving 60% of the
  visits are missing.
* Sessions. Basket and checkout come before 15% of the orders on line; of visits that led to no order 14% end at the
  basket and 4% at the checkout. From 2025-03-08 to 2025-09-03 the app's checkout was broken: half of the baskets
  given up in it got as far as the checkout. Help pages come before 60% of the calls about an order, and again after
  half of those.
* Silence. Churn, as the pipeline sees it, is a period without a sale among customers who bought in the 90 days
  before. Rate class and circumstances are hidden too; `oracle` gives the exact probability of silence given what the
  files show, and given everything. The base rate lies near 0.56; AUC of a recency rule is near 0.63, of the
  observable oracle 0.74, of the full one 0.84.
* Campaigns. The purchase rate of those contacted rises for 30 days by 40, 25, 0, 60, 15 or 30 percent (in turn over
  24 campaigns), times what the customer is: persuadable 3.5, sure thing 0.1, lost cause 0, sleeping dog -0.9 (hidden;
  shares by age and by how much somebody buys), times 1.3 by the preferred channel and 0.85 by another. What is drawn
  falls on the first days: it halves every 7 days. A fifth of each target group is held out; the channel of each contact
  is drawn at random. Contacts by the preferred channel are read twice as often, around the preferred hour (also in the
  null company).
* Season. Eight of twelve categories sell best in one quarter: in it customers whose favourite it is buy half more, in
  the others a sixth less (also in the null company).
* Satisfaction. NPS is 7.5 plus, per standard deviation of the impression at each touchpoint used: delivery 0.90,
  service desk 0.80, product 0.70, complaint 0.60, store 0.50, checkout 0.40, website 0.35, advice 0.30, app 0.25,
  returns 0.25, loyalty programme 0.10, advertising 0; noise 1.0; rounded to 0-10.
* Feeling. A late parcel, an open complaint or a badly handled ticket lowers the impression at its own touchpoint by 1.6
  standard deviations.
* Cells. The checkout feels 0.4 standard deviations worse after orders in the app, the product 0.6 after orders of
  shoes, advice 0.5 to companies. Electronics cost 5% more in the app than the list says. Parcels ordered by telephone
  are promised 6 hours earlier than others and come no sooner.
* Expectation. Beside reality the survey asks what was expected of five touchpoints: delivery 0.7, service desk 0.5,
  product 0.2 standard deviations more than of the checkout, app 0.4 less.
* Languages. For the same feeling English answers are 0.3 standard deviations (of NPS: points) higher than German ones,
  Turkish 0.2 higher, French 0.1 and Polish 0.3 lower.
* Employees. Each unit that owns touchpoints has a morale per period (variance 1, autocorrelation 0.85); that of service
  falls over the last half of the data, that of digital rises. A standard deviation of it moves the impressions at the
  unit's touchpoints two periods later by 0.2 standard deviations; eNPS answers and notices follow it (also in the
  null company).
* Improvement. From 2025-09-15 on the impression of the checkout is 0.6 standard deviations better for the customers in
  Germany; Austria is the control.
* App. One release of 18 is worse: users finish 60% of their tasks with it instead of about 86%, ratings in the stores
  stay. The impression of the app moves by 0.35 standard deviations per ten points of its release's task success.
* Messages. After 2% of the delivery notices somebody calls about them, after 8% of those from an unclear template.

Comments beside answers are put together from parts in five languages (`verbatim_words.yml`); topics, sentiment,
urgency, sarcasm, asides and personal data of each are in the truth's `verbatim.parquet`. A ticket's priority is its
urgency in 90% of cases; service answers 90% of its tickets within the priority's deadline, stores 65%.

In the null company parcels still come late and bring tickets, and tickets are handled badly: it happened, and changes
no score, no purchase and no departure.

Identity is hard by design: one customer in five has several records, of which an e-mail address, telephone or tax
number agrees for some only; 30% of persons live in households, and some of those share an e-mail address or a
telephone; 2% of those who live alone have a namesake in their town; 3% of the persons write their name in Cyrillic,
which the crm transliterates in one of two ways; persons marry and move; e-mail addresses change; companies are renamed
(12%), trade under a second legal name or another legal form and have branches; shop terminals' e-mail addresses and
telephones are typed in for strangers. Of the customers with two records in the crm, 15% had the older one merged away
there: its number left the export, orders from before name it, and a fifth of the merges is missing in the crm's list.
Shares are in `parameters.RecordShares`, what became of which record in the truth's `record_story.parquet`. The
pipeline's deterministic identity has a pairwise F1 near 0.65.

Money. A piece costs its category's share of the list price (0.45 to 0.75), returns within 14 days are paid back in full
and later ones to 90%; calls, consultations in shops and work on tickets cost a fixed sum and their minutes. Sizes are
in `costs.Costs`.

Marketing. Of the won leads 60% (search), 75% (social), 35% (newsletter), 50% (referral), 90% (fair) and 45% (partner)
would not have come without the spending on their origin (none in the null company). In October and November 2025
nothing was spent on search in North Rhine-Westphalia: there those leads are missing, and their customers never bought.

Consent. 68% agree to marketing when they join; of those, 0.5% take it back in 30 days (log-odds -5.3), +0.8 for each
campaign contact in the last 60 days. The crm shows the state at the data's end, campaigns follow that of their day.

Loyalty. Active customers join the programme when they first buy, or later, the more likely the more they buy anyway
(10% to 60% by rate class); from the period after on they buy 4% more. Comparing members with others shows much more.

Recommendations and passes. Customers recommend the more, the kindlier they are (log 0.5 for each standard deviation of
the mood in which they answer surveys); every won lead of the origin referral has its recommender. A few percent hold a
delivery pass, which changes no purchase: those who have left give notice at 30% in 30 days, a quarter of the holders
never does. Passes are not among what the observable oracle knows.

Faults: 0.5% broken rows (spoilt copies of good ones, so that nothing true is lost with them; counted by table and
kind in `parameters.json`), 0.3% of lines booked twice, 6% of the last four weeks' lines in daily files (a tenth of
them weeks late, and 2% of them held rows: spoilt in their place, named in `held_row.parquet`), older versions of 2% of
the changed contacts. From July 2025 on web visits have `duration_seconds` where they had `seconds`. The stores' ratings
of the app end five days before all else. E-mail domains end in `.alt`, which is never delegated (RFC 9476); subscriber
numbers begin with 0 or 1, which German networks do not hand out.
"""

from cx_assets.sample_company.company import Summary, generate
from cx_assets.sample_company.parameters import DEFAULT_SEED, EMBEDDED_SCALE

__all__ = ["DEFAULT_SEED", "EMBEDDED_SCALE", "Summary", "generate"]
