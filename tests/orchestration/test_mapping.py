"""Wrong names in staging SQL are told before a run, with the nearest that is known; what is unclear is left alone."""

import pytest

from orchestration.dbt.project import parse_project
from orchestration.declaration.company import CompanyError, load_company
from orchestration.declaration.staging_check import check_staging, staging_problems
from orchestration.ground.workspace import Workspace

COMPANY_YML = """
name: kiosk
title: Kiosk
description: A kiosk.
currency_code: EUR
time_zone: UTC
country_code: DE
owner: team:kiosk
sources:
  till:
    description: The till.
    tables:
      goods:
        description: One article.
        path: goods.csv
        format: csv
        columns: {article: text, label: text, price: text}
"""
PRODUCT = """
with goods as (
    select *, row_number() over (partition by article order by _source_row nulls last) as version_rank
    from {{ source('landing', 'till__goods') }}
),

mapped as (
    select
        article as product_id,
        'till' as source_system,
        cast(label as {{ dbt.type_string() }}) as product_name,
        price as list_price_amount,
        {{ landing_columns() }}
    from goods
    where version_rank = 1
)

{{ conform('product', missing=['category_name', 'unit_cost_amount', 'currency_code']) }}
"""


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "kiosk" / "staging").mkdir(parents=True)
    (tmp_path / "kiosk" / "company.yml").write_text(COMPANY_YML)
    return Workspace("kiosk", tmp_path / "kiosk", tmp_path / "source", tmp_path / "state")


def problems(workspace, sql=PRODUCT, name="stg_till__product.sql"):
    path = workspace.company_dir / "staging" / name
    path.write_text(sql)
    found = list(staging_problems(load_company(workspace)))
    assert all(problem.startswith(f"{path}: ") for problem in found)
    return [problem.removeprefix(f"{path}: ") for problem in found]


def changed(old, new):
    assert old in PRODUCT
    return PRODUCT.replace(old, new, 1)


def test_a_right_mapping_has_no_problem(workspace):
    assert problems(workspace) == []


def test_staging_sql_does_not_read_the_environment(workspace):
    [told] = problems(workspace, changed("price as", "{{ env_var('CX_SHOP_URL') }} as"))
    assert "reads the environment" in told


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "as product_name",
            "as prodct_name",
            [
                "mapped has the column 'prodct_name', which the contract product does not know and would be dropped"
                " (did you mean 'product_name'?); correct it or take it out",
                "neither in mapped nor in missing: product_name; the contract product has them, so say which",
            ],
        ),
        (
            "price as list_price_amount,",
            "price as list_price_amount,\n        price as shelf,",
            [
                "mapped has the column 'shelf', which the contract product does not know and would be dropped;"
                " correct it or take it out"
            ],
        ),
        (
            "price as list_price_amount",
            "trim(price)",
            [
                "column 4 of mapped has no name: give it one with `as`",
                "neither in mapped nor in missing: list_price_amount; the contract product has them, so say which",
            ],
        ),
        (
            ", 'currency_code'",
            "",
            ["neither in mapped nor in missing: currency_code; the contract product has them, so say which"],
        ),
        (
            "'currency_code'",
            "'currency_cod'",
            [
                "missing names the column 'currency_cod', which the contract product does not know"
                " (did you mean 'currency_code'?)",
                "neither in mapped nor in missing: currency_code; the contract product has them, so say which",
            ],
        ),
        (
            "'category_name', ",
            "'category_name', 'product_name', ",
            ["both in mapped and in missing: product_name; take each out of one"],
        ),
        (
            ",\n        {{ landing_columns() }}",
            "",
            [
                "mapped lacks _load_id, _load_sequence, _source_file, _source_row, _is_deleted:"
                " end its columns with {{ landing_columns() }}"
            ],
        ),
        (
            "till__goods",
            "till__godos",
            [
                "source('landing', 'till__godos') is no table of company.yml (did you mean 'till__goods'?);"
                " write <source>__<table>, one of till__goods"
            ],
        ),
        ("'landing'", "'till'", ["source('till', 'till__goods'): the company's tables are in 'landing'"]),
        (
            "conform('product'",
            "conform('payment'",
            ["conform('payment') stands in a file named after the contract 'product': make them equal"],
        ),
    ],
)
def test_a_wrong_name_is_told(workspace, old, new, told):
    assert problems(workspace, changed(old, new)) == told


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # A star, or an expression that only dbt knows, may hold any column.
        ("price as list_price_amount", "goods.*"),
        ("price as list_price_amount", "{{ some_macro('price') }}"),
        ("price as list_price_amount", "columns('price')"),
        # Neither Jinja nor SQL: dbt and the engine say more of it.
        ("price as list_price_amount", "{% if"),
        ("price as list_price_amount", "price price price as"),
        ("missing=['category_name', 'unit_cost_amount', 'currency_code']", "missing=names_from_elsewhere()"),
        ("conform('product', missing=[", "conform('product', from_relation='nowhere', missing=["),
    ],
)
def test_what_cannot_be_told_is_left_alone(workspace, old, new):
    assert problems(workspace, changed(old, new)) == []


def test_jinja_of_the_file_itself_is_understood(workspace):
    sql = changed("price as list_price_amount", "{% for name in ['price'] %}{{ name }} as lst_price_amount{% endfor %}")
    assert "(did you mean 'list_price_amount'?)" in problems(workspace, sql)[0]
    sql = changed("price as list_price_amount", "{{ dbt.dateadd('day', 1, 'price') }} as list_price_amount")
    assert problems(workspace, sql) == []


def test_names_of_a_union_are_those_of_its_first_part(workspace):
    union = "where version_rank = 1\n    union all\n    select 'x' as other, 'y', 'z', 'w', 'a', 1, 'b', 1"
    assert problems(workspace, changed("where version_rank = 1", union)) == []


@pytest.mark.parametrize("name", ["stg_till__product.sql", "stg_till_north__product.sql", "stg_kiosk__product.sql"])
def test_a_file_is_named_after_a_source_or_the_company(workspace, name):
    assert problems(workspace, name=name) == []


def test_a_file_of_another_source_is_told(workspace):
    assert problems(workspace, name="stg_tlil__product.sql") == [
        "'tlil' is no source of company.yml (did you mean 'till'?); its sources are till;"
        " a model that joins several may be named after the company"
    ]


def test_a_file_without_conform_is_told(workspace):
    assert problems(workspace, "select 1 as product_id") == [
        "it must end in {{ conform('product', missing=[...]) }}",
    ]


def test_nothing_is_run_while_names_are_checked(workspace, tmp_path):
    hostile = "{{ ''.__class__.__mro__[1].__subclasses__() }}{{ cycler.__init__.__globals__.os.system('touch x') }}"
    assert problems(workspace, hostile + PRODUCT) == []
    assert not (tmp_path / "x").exists()


def test_the_project_is_not_prepared_with_a_wrong_name(workspace):
    (workspace.company_dir / "staging" / "stg_till__product.sql").write_text(changed("product_name", "prodct_name"))
    with pytest.raises(CompanyError, match="did you mean 'product_name'"):
        parse_project(workspace, load_company(workspace))
    with pytest.raises(CompanyError, match="neither in mapped nor in missing: product_name"):
        check_staging(load_company(workspace))
