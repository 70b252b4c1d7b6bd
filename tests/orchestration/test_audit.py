"""What may be published: nothing unless every declared check ran exactly once and none that blocks failed."""

from orchestration.publication.audit import CheckEvaluation, audit_checks

DECLARED = [("core/dim_customer", "unique"), ("marts/m", "plausible")]
GREEN = [CheckEvaluation("core/dim_customer", "unique", True), CheckEvaluation("marts/m", "plausible", True)]


def test_all_declared_checks_executed_once_and_passed() -> None:
    audit = audit_checks(DECLARED, GREEN)
    assert audit.is_publishable
    assert (audit.declared_count, audit.passed_count, audit.reason()) == (2, 2, "")


def test_a_failed_error_blocks_and_is_named() -> None:
    audit = audit_checks(DECLARED, [GREEN[0], CheckEvaluation("marts/m", "plausible", False)])
    assert not audit.is_publishable
    assert audit.reason() == "failed: marts/m:plausible"


def test_a_failed_warning_does_not_block_but_is_told() -> None:
    audit = audit_checks(DECLARED, [GREEN[0], CheckEvaluation("marts/m", "plausible", False, is_error=False)])
    assert audit.is_publishable
    assert audit.warnings == ["marts/m:plausible"]


def test_a_check_that_did_not_run_blocks() -> None:
    audit = audit_checks(DECLARED, GREEN[:1])
    assert not audit.is_publishable
    assert audit.reason() == "declared but not executed: marts/m:plausible"


def test_a_check_that_ran_twice_blocks() -> None:
    audit = audit_checks(DECLARED, [*GREEN, GREEN[0]])
    assert not audit.is_publishable
    assert audit.executed_twice == ["core/dim_customer:unique"]


def test_an_undeclared_check_blocks() -> None:
    audit = audit_checks(DECLARED, [*GREEN, CheckEvaluation("marts/m", "other", True)])
    assert not audit.is_publishable
    assert audit.undeclared == ["marts/m:other"]


def test_nothing_declared_is_not_publishable() -> None:
    audit = audit_checks([], [])
    assert not audit.is_publishable
    assert audit.reason() == "no check is declared"


def test_a_warning_says_how_many_rows_and_what_it_means():
    found = [
        CheckEvaluation("core/f", "known", is_passed=False, is_error=False, row_count=1, advice="Orders of nobody."),
        CheckEvaluation("core/f", "late", is_passed=False, is_error=False, row_count=12),
    ]
    audit = audit_checks([("core/f", "known"), ("core/f", "late")], found)
    assert audit.is_publishable
    assert audit.warnings == ["core/f:known (1 row): Orders of nobody.", "core/f:late (12 rows)"]
