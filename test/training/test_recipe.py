import pytest

from jepa_ros.training import Recipe, RecipeError, Weights, read_recipe


def written(folder, text):
    path = folder / "recipe.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("name", "active"), [("sigreg", {"sigreg"}), ("vicreg", {"variance", "covariance"}), ("ema", set())]
)
def test_a_name_brings_weights_that_suit_it(name, active):
    weights = Recipe(collapse=name).weights.model_dump()
    assert {term for term in ("sigreg", "variance", "covariance") if weights[term]} == active


@pytest.mark.parametrize("weights", [{"agreement": 2.0}, Weights(agreement=2.0)])
def test_weights_of_ones_own_come_before_those_that_suit(weights):
    recipe = Recipe(collapse="vicreg", weights=weights)
    assert recipe.weights.agreement == 2.0
    assert recipe.weights.variance == Recipe(collapse="vicreg").weights.variance
    assert Recipe(weights={"sigreg": 0}).weights.sigreg == 0


def test_a_recipe_is_what_it_was_after_writing_and_reading():
    recipe = Recipe(collapse="ema", weights={"temporal_similarity": 0.1}, steps=7)
    assert Recipe.model_validate(recipe.model_dump(mode="json")) == recipe


def test_a_file_may_name_any_field_and_options_come_before_it(tmp_path):
    path = written(tmp_path, "steps: 7\ncollapse: vicreg\nweights: {prediction: 2}\n")
    recipe = read_recipe(path, steps=9, seed=None)
    assert (recipe.steps, recipe.collapse, recipe.weights.prediction, recipe.seed) == (9, "vicreg", 2.0, 0)
    assert read_recipe() == Recipe()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("steps: 7\ncolapse: ema\n", r"recipe.yaml:2: colapse: .*did you mean 'collapse'.*allowed: steps, batch"),
        ("collapse: dino\n", r"recipe.yaml:1: collapse: found the text 'dino'; allowed: sigreg, vicreg or ema"),
        ("weights:\n  sigreg: -1\n", r"recipe.yaml:2: weights.sigreg: found -1.*at least 0"),
        ("weights:\n  slowness: 1\n", r"recipe.yaml:2: weights.slowness: .*allowed: prediction, agreement"),
        ("steps: [\n", r"recipe.yaml:\d: found broken YAML"),
        ("- steps\n", r"recipe.yaml:1: found no mapping; allowed: steps"),
        ("unfelt: 0.7\nunseen: 0.5\n", "one sense"),
    ],
)
def test_what_is_wrong_is_refused_with_file_line_key_and_what_is_allowed(tmp_path, text, reason):
    with pytest.raises(RecipeError, match=reason):
        read_recipe(written(tmp_path, text))


def test_a_wrong_option_is_refused_by_its_name():
    with pytest.raises(RecipeError, match="steps: found 0; allowed: a number greater than 0"):
        read_recipe(steps=0)
    with pytest.raises(RecipeError, match="no readable file"):
        read_recipe("nowhere.yaml")
