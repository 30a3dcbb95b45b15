import pytest

from ops.local.gaps.intrinsics import resolve

CONDITIONS = {"Given": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Origins"}, ""]}]}}
NO_VALUE = {"Ref": "AWS::NoValue"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text", "text"),
        (600, 600),
        (None, None),
        ({"Ref": "Origins"}, "a,b"),
        ({"Fn::Split": [",", {"Ref": "Origins"}]}, ["a", "b"]),
        ({"Fn::If": ["Given", "yes", "no"]}, "yes"),
        ({"Fn::If": ["Given", NO_VALUE, "no"]}, None),
        ({"keep": 1, "drop": NO_VALUE}, {"keep": 1}),
        ([1, NO_VALUE, {"Ref": "Origins"}], [1, "a,b"]),
        ({"Fn::If": ["Given", {"A": {"Fn::Split": [",", "x,y"]}}, 0]}, {"A": ["x", "y"]}),
    ],
)
def test_resolved(value, expected):
    assert resolve(value, CONDITIONS, {"Origins": "a,b"}) == expected


def test_a_condition_that_does_not_hold():
    assert resolve({"Fn::If": ["Given", "yes", NO_VALUE]}, CONDITIONS, {"Origins": ""}) is None


def test_an_unknown_function_is_named():
    with pytest.raises(ValueError, match="Fn::Base64"):
        resolve({"Fn::Base64": "x"}, {}, {})
