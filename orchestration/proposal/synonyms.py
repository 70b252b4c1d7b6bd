"""What companies call the columns of the contracts, in English and German; matched on folded headers.

A name counts wherever it ends a header ("customer_city" is a city), unless it is too common for that (`_EXACT`).
"""

from orchestration.proposal.scan import folded

_CUSTOMER = (
    "customer_id customer_no customer_number customer_nr customer client_id client_no member_id member_no "
    "member_number "
    "member card card_no card_number household_id user_id account_id contact_id contact_no shopper_id "
    "guest_id person_id "
    "kunden_id kunden_nr kundennr kundennummer kunde kd_nr mitgliedsnummer mitglieds_nr kartennummer karte debitor"
)
_ORDER = (
    "order_id order_no order_number order_nr order receipt receipt_no receipt_id basket_id invoice invoice_no "
    "invoice_id "
    "invoice_number transaction_id bill_no bestell_id bestell_nr bestellnr bestellnummer bestellung auftrag "
    "auftrag_nr "
    "auftragsnr auftragsnummer beleg beleg_nr belegnr belegnummer bon bon_nr bonnummer rechnung rechnungsnr "
    "rechnungsnummer"
)
_ORDERED = (
    "order_purchase_timestamp ordered_at order_date order_time ordered_on purchase_date purchased_at sold_at sold_on "
    "sale_date sales_date invoice_date transaction_timestamp transaction_date transaction_time occurred_at "
    "receipt_date "
    "booked_at placed_at bestellt_am bestelldatum bestellzeit kaufdatum verkauft_am belegdatum rechnungsdatum "
    "auftragsdatum buchungsdatum datum zeitpunkt date timestamp created_at"
)
_PRODUCT = (
    "product_id product_no product_code product_number sku stock_code stockcode item_no item_code article_no "
    "article_id "
    "article artikel artikel_nr artikelnr artikelnummer produkt produkt_id produkt_nr produktnummer ean gtin product"
)
_UPDATED = "updated_at modified_at changed_at last_modified updated_on geaendert_am aktualisiert_am aenderungsdatum"
_CURRENCY = "currency currency_code waehrung"
_CHANNEL = "channel sales_channel kanal vertriebskanal vertriebsweg"

SYNONYMS: dict[str, dict[str, str]] = {
    "customer_record": {
        "record_id": _CUSTOMER,
        "source_person_id": "customer_unique_id person_key loyalty_number loyalty_no loyalty_id unique_customer_id",
        "given_name": "given_name first_name firstname forename vorname",
        "family_name": "family_name last_name lastname surname nachname familienname name full_name customer_name",
        "company_name": "company_name company firma firmenname unternehmen organisation organization",
        "email": "email e_mail email_address mail e_mail_adresse emailadresse",
        "phone": "phone phone_number telephone mobile mobile_phone tel telefon telefonnummer handy mobil rufnummer",
        "tax_number": "tax_number vat_number vat_id tax_id ust_id ustid steuernummer",
        "birth_date": "birth_date birthdate birthday date_of_birth dob born geburtsdatum geburtstag geboren_am geboren",
        "street_address": "street_address street address address_line address1 strasse anschrift adresse",
        "postal_code": "postal_code postcode zip zip_code zip_code_prefix plz postleitzahl",
        "city": "city town ort stadt wohnort",
        "region": "region state province bundesland kanton",
        "country_code": "country_code country land laendercode",
        "language_code": "language_code language lang sprache",
        "has_marketing_consent": "marketing_consent consent opt_in optin newsletter einwilligung werbeeinwilligung",
        "created_at": "created_at created created_on joined joined_at member_since registered_at signup_date "
        "registration_date angelegt_am erstellt_am eintritt mitglied_seit registriert_am",
        "updated_at": _UPDATED,
    },
    "product": {
        "product_id": _PRODUCT,
        "product_name": "product_name product_title item_name description product_description article_name "
        "bezeichnung artikelbezeichnung produktname produktbezeichnung beschreibung product produkt artikel article",
        "category_name": "category category_name product_category product_category_name department product_group "
        "kategorie warengruppe produktgruppe sparte",
        "list_price_amount": "list_price list_price_amount listenpreis katalogpreis",
        "currency_code": _CURRENCY,
    },
    "sales_order": {
        "order_id": _ORDER,
        "record_id": _CUSTOMER,
        "ordered_at": _ORDERED,
        "updated_at": _UPDATED,
        "order_status": "order_status status bestellstatus auftragsstatus",
        "channel": _CHANNEL,
        "approved_at": "order_approved_at approved_at approval_date freigegeben_am",
        "shipped_at": "order_delivered_carrier_date shipped_at ship_date shipping_date dispatched_at versendet_am "
        "versanddatum",
        "promised_at": "order_estimated_delivery_date promised_at estimated_delivery_date expected_delivery "
        "delivery_promise zugesagt_am liefertermin",
        "delivered_at": "order_delivered_customer_date delivered_at delivery_date geliefert_am zugestellt_am "
        "lieferdatum",
    },
    "transaction_line": {
        "line_id": "line_id transaction_line_id line line_no line_number item_no order_item_id order_line "
        "position pos "
        "positionsnummer zeile zeilennummer pos_nr",
        "order_id": _ORDER,
        "record_id": _CUSTOMER,
        "product_id": _PRODUCT,
        "occurred_at": _ORDERED,
        "updated_at": _UPDATED,
        "channel": _CHANNEL,
        "quantity": "quantity qty pieces units count menge anzahl stueck stueckzahl",
        "net_amount": "net_amount line_amount line_total amount total sales_value sales_amount net_sales "
        "price revenue "
        "betrag nettobetrag umsatz summe preis zeilenbetrag gesamtbetrag gesamtpreis positionsbetrag warenwert",
        "unit_price": "unit_price unitprice price_per_unit einzelpreis stueckpreis",
        "discount_amount": "discount_amount discount rabatt rabattbetrag nachlass",
        "shipping_amount": "shipping_amount freight_value freight shipping versandkosten fracht",
        "currency_code": _CURRENCY,
    },
    "payment": {
        "payment_id": "payment_id payment_no payment_number zahlungs_id zahlungsnummer payment_sequential",
        "order_id": _ORDER,
        "paid_at": "paid_at payment_date paid_on bezahlt_am zahlungsdatum zahldatum",
        "payment_method": "payment_method payment_type zahlungsart zahlart zahlungsmittel zahlungsweise",
        "paid_amount": "paid_amount payment_value payment_amount amount_paid zahlbetrag zahlungsbetrag "
        "bezahlter_betrag",
        "currency_code": _CURRENCY,
    },
    "survey_response": {
        "response_id": "response_id review_id answer_id respondent_id respondent respnum antwort_id bewertungs_id",
        "record_id": _CUSTOMER,
        "order_id": _ORDER,
        "touchpoint": "touchpoint kontaktpunkt",
        "channel": _CHANNEL,
        "responded_at": "responded_at review_answer_timestamp answered_at response_date submitted_at review_date "
        "survey_date interview_date beantwortet_am antwortdatum bewertet_am " + _ORDERED,
        "score": "score review_score rating stars nps nps_score csat csat_score ces satisfaction "
        "likelihood_to_recommend "
        "bewertung note zufriedenheit sterne weiterempfehlung punktzahl",
        "weight": "weight gewicht gewichtung",
        "verbatim": "verbatim comment comments review_comment_message review_text feedback kommentar freitext "
        "anmerkung",
    },
    "survey_invitation": {
        "invitation_id": "invitation_id invite_id einladungs_id",
        "survey_id": "survey_id umfrage_id",
        "record_id": _CUSTOMER,
        "order_id": _ORDER,
        "touchpoint": "touchpoint kontaktpunkt",
        "channel": _CHANNEL,
        "invited_at": "invited_at invitation_date invitation_sent_at eingeladen_am einladungsdatum",
    },
    "interaction": {
        "interaction_id": "interaction_id event_id visit_id session_id call_id contact_event_id "
        "interaktions_id anruf_id",
        "record_id": _CUSTOMER,
        "occurred_at": "occurred_at event_time event_at visited_at visit_date called_at call_date started_at "
        "begonnen_am "
        "besucht_am angerufen_am " + _ORDERED,
        "channel": _CHANNEL,
        "touchpoint": "touchpoint kontaktpunkt",
        "interaction_type": "interaction_type event_type event_name event kontaktart ereignis",
        "duration_seconds": "duration_seconds seconds dauer_sekunden",
        "order_id": _ORDER,
    },
    "ticket": {
        "ticket_id": "ticket_id ticket_no ticket_number ticket case_id case_no complaint_id complaint_no vorgang "
        "vorgangsnummer reklamation reklamationsnummer",
        "record_id": _CUSTOMER,
        "order_id": _ORDER,
        "opened_at": "opened_at open_date raised_at raised_on reported_at created_at eroeffnet_am gemeldet_am "
        "erstellt_am "
        "eingang datum",
        "updated_at": _UPDATED,
        "first_response_at": "first_response_at first_reply_at erste_antwort_am",
        "resolved_at": "resolved_at closed_at solved_at resolution_date geloest_am geschlossen_am erledigt_am",
        "channel": _CHANNEL,
        "category_name": "category category_name topic reason kategorie thema grund",
        "priority": "priority prioritaet",
        "is_complaint": "is_complaint complaint beschwerde",
    },
    "lead": {
        "lead_id": "lead_id lead_no mql_id lead_number interessenten_id interessent",
        "record_id": _CUSTOMER,
        "created_at": "created_at first_contact_date created_on lead_date erstkontakt angelegt_am erstellt_am",
        "updated_at": _UPDATED,
        "origin": "origin lead_source utm_source herkunft quelle",
        "lead_status": "lead_status status stage phase",
        "qualified_at": "qualified_at qualifiziert_am",
        "won_at": "won_at won_date gewonnen_am",
        "lost_at": "lost_at lost_date verloren_am",
    },
    "campaign_contact": {
        "contact_id": "contact_id campaign_contact_id message_id send_id versand_id",
        "campaign_id": "campaign_id campaign campaign_code kampagne kampagnen_id",
        "campaign_name": "campaign_name kampagnenname",
        "record_id": _CUSTOMER,
        "arm": "arm treatment variant test_group testgruppe",
        "contacted_at": "contacted_at sent_at send_date mailed_at contact_date versendet_am kontaktiert_am "
        "versanddatum",
        "updated_at": _UPDATED,
        "channel": _CHANNEL,
        "offer": "offer angebot",
        "responded_at": "responded_at opened_at clicked_at redeemed_at geoeffnet_am eingeloest_am",
        "response_type": "response_type response reaktion",
        "cost_amount": "cost cost_amount kosten",
        "currency_code": _CURRENCY,
    },
}
"""Names by entity and column, the likelier ones first. `unit_price` is no column of a contract: see `recipes`."""

_TOO_COMMON = (
    "name date datum timestamp created status state total amount price description address count land "
    "event order customer card line note company treatment product article artikel produkt region stage "
    "phase title born cost summe preis grund reason topic complaint campaign ticket member position pos "
    "seconds score created_at response offer note rating channel"
)
_EXACT = frozenset(_TOO_COMMON.split())


def best_columns(entity: str, headers: dict[str, str]) -> dict[str, str]:
    """Columns of a table for the columns of a contract.

    Args:
        entity: The contract.
        headers: Header by column of the table, in their order.

    Returns:
        Column of the table by column of the contract; each is taken once, by the contract's column that it fits best,
        but ids of products, which may be the product's name too.
    """
    found = []
    for target, names in SYNONYMS[entity].items():
        for rank, name in enumerate(names.split()):
            for place, (column, header) in enumerate(headers.items()):
                text = folded(header)
                if text == name:
                    found.append((0, rank, place, target, column))
                elif name not in _EXACT and text.endswith(f"_{name}"):
                    found.append((1, rank, place, target, column))
    taken: dict[str, str] = {}
    for _, _, _, target, column in sorted(found):
        holder = next((name for name, other in taken.items() if other == column), None)
        is_free = holder is None or {holder, target} == {"product_id", "product_name"}
        if target not in taken and is_free:
            taken[target] = column
    return taken


def candidates(entity: str, target: str, headers: dict[str, str]) -> list[str]:
    """All columns of a table that could be one of the contract's."""
    names = SYNONYMS[entity].get(target, "").split()
    return [column for column, header in headers.items() if folded(header) in names]
