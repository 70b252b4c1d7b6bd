"""Column lineage, worked out by hand for a query with a join, an aggregate and a constant."""

from orchestration.dbt.column_lineage import column_lineage

PARENTS = {
    '"cx"."core"."orders"': {"order_id": {"data_type": "VARCHAR"}, "amount": {"data_type": "DECIMAL(18,2)"}},
    '"cx"."core"."people"': {"order_id": {"data_type": "VARCHAR"}, "name": {"data_type": "VARCHAR"}},
}
SQL = """
with joined as (
    select o.order_id, o.amount, p.name
    from "cx"."core"."orders" as o left join "cx"."core"."people" as p on o.order_id = p.order_id
)
select name, sum(amount) as total, name || order_id as label, 1 as one from joined group by name, order_id
"""


def test_each_column_leads_to_the_columns_it_is_made_of() -> None:
    assert column_lineage(SQL, PARENTS) == {
        "name": [('"cx"."core"."people"', "name")],
        "total": [('"cx"."core"."orders"', "amount")],
        "label": [('"cx"."core"."orders"', "order_id"), ('"cx"."core"."people"', "name")],
        "one": [],
    }


def test_a_query_that_cannot_be_parsed_has_no_lineage() -> None:
    assert column_lineage("select from where (", PARENTS) == {}
