from tonnage.workload import Addition, Change


def test_the_title_says_who_what_from_and_to():
    change = Change(component="Database", setting="DBInstanceClass", before="db.t3.medium", after="db.m7g.large")
    assert change.title == "Database DBInstanceClass db.t3.medium → db.m7g.large"


def test_an_absent_setting_is_unset_and_a_false_one_is_not():
    assert Change(component="Fn", setting="Timeout", before=None, after=30).title == "Fn Timeout (unset) → 30"
    assert Change(component="Fn", setting="Tracing", before=False, after=True).title == "Fn Tracing False → True"


def test_a_change_of_a_policy_is_titled_with_the_policy():
    change = Change(component="Web", policy="CpuPolicy", setting="TargetValue", before=70, after=50)
    assert change.title == "CpuPolicy TargetValue 70 → 50"


def test_additions_do_not_share_their_resources():
    one, other = Addition(component="Db", title="a cache"), Addition(component="Db", title="a proxy")
    assert one.resources == {}
    assert one.resources is not other.resources
