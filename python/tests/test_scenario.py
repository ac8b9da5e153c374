"""Scenarios: reading, changing, saving, and what is said when something is wrong."""

import pytest

import armistice as ar


@pytest.fixture
def war(tmp_path):
    return ar.new(tmp_path / "war")


def test_every_problem_comes_with_its_place(tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text('[scenario]\ntitle = "x"\nperiod = "fortnight"\nhorizon = -1\n')
    with pytest.raises(ar.ScenarioError) as caught:
        ar.load(path)
    found = caught.value.diagnostics
    assert len(found) > 2 and caught.value.code == 2
    assert all(d["code"].startswith("A") and d["message"] for d in found)
    period = next(d for d in found if "fortnight" in str(d) or any(label["line"] == 3 for label in d["labels"]))
    assert period["labels"][0]["line"] == 3
    assert found[0]["code"] in str(caught.value)


def test_a_missing_file_is_no_bug_of_ours(tmp_path):
    with pytest.raises(ar.ArmisticeError) as caught:
        ar.load(tmp_path / "nowhere.toml")
    assert caught.value.code == 74


def test_contents(war):
    assert war.players == {"attacker": ["weak", "strong"], "defender": ["only"]}
    assert war.attacker == "attacker"
    assert list(war.levers.index) == ["pressure"]
    assert war.state.loc["front", "start"] == "0"
    assert war.check().document["ok"]


def test_changes_make_other_scenarios(war):
    dear = war.set(attacker_cost=0.2)
    first, second = war.solve(points=5), dear.solve(points=5)
    assert "set" not in repr(war) and "--set attacker_cost=0.2" in second.command
    margins = [eq.margins.query("type == 'strong'").margin.item() for eq in (first, second)]
    assert margins[0] < margins[1]
    with pytest.raises(ar.ArmisticeError, match="no parameter"):
        war.set(attacker_costs=0.2)
    with pytest.raises(ar.ArmisticeError, match="as written"):
        dear.audit(8)
    with pytest.raises(ar.ArmisticeError, match="lever"):
        war.with_levers("presure").solve(points=5)


def test_a_draft_that_is_not_sound_is_not_saved(war, tmp_path):
    draft = war.draft()
    path = tmp_path / "other.toml"
    draft.save(path)
    before = path.read_bytes()
    draft["players"]["attacker"]["types"]["weak"]["prior"] = 1.7
    with pytest.raises(ar.ScenarioError):
        draft.save(path)
    assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["other.toml", "war"]


def test_a_scenario_can_be_built_from_nothing(tmp_path):
    draft = ar.Draft(
        scenario={"title": "Built", "period": "month", "horizon": 3, "attacker": "a"},
        players={
            "a": {
                "discount": 0.9,
                "precision": 20,
                "types": {"weak": {"prior": 0.5, "c": 0.3}, "firm": {"prior": 0.5, "c": 0.1}},
            },
            "d": {"discount": 0.9, "precision": 20},
        },
        state={"front": {"from": 0, "to": 1, "start": 0}},
        end=[{"outcome": "stopped", "payoff": {"a": "0", "d": "0"}}],
        at_horizon={"payoff": {"a": "0", "d": "0"}},
        stage=[
            {
                "player": "a",
                "move": "choice",
                "actions": {"stop": {"end": "stopped"}, "go": {"cost": {"a": "self.c", "d": "0.1"}}},
            }
        ],
    )
    war = draft.save(tmp_path / "built.toml")
    assert war.solve(points=5).status == "certified"
    assert war.draft() == draft


def test_explanations_and_schema():
    assert "A0107" in ar.explain("A0107")
    assert ar.schema()["properties"]
    with pytest.raises(ar.ArmisticeError):
        ar.explain("A9999")
