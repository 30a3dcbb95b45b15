"""CloudFormation's intrinsic functions, as far as the template's CORS settings use them.

Source: AWS, "Intrinsic function reference".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_ABSENT = object()


def resolve(value: Any, conditions: Mapping[str, Any], parameters: Mapping[str, str]) -> Any:
    """The value with its functions applied; None where it is `AWS::NoValue`.

    `conditions` is a template's section of that name. Raises ValueError for any other function.
    """
    result = _Resolver(conditions, parameters).resolve(value)
    return None if result is _ABSENT else result


class _Resolver:
    def __init__(self, conditions: Mapping[str, Any], parameters: Mapping[str, str]) -> None:
        self._conditions = conditions
        self._parameters = parameters
        self._functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Fn::If": self._if,
            "Fn::Not": lambda operands: not self.resolve(operands[0]),
            "Fn::Equals": lambda operands: self.resolve(operands[0]) == self.resolve(operands[1]),
            "Fn::Split": lambda operands: self.resolve(operands[1]).split(operands[0]),
        }

    def resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            return [item for each in value if (item := self.resolve(each)) is not _ABSENT]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(name, operand)] = value.items()
            if name in self._functions:
                return self._functions[name](operand)
            if name.startswith("Fn::"):
                raise ValueError(f"{name} cannot be resolved here")
        resolved = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not _ABSENT}

    def _ref(self, name: str) -> Any:
        return _ABSENT if name == "AWS::NoValue" else self._parameters[name]

    def _if(self, operands: list[Any]) -> Any:
        condition, yes, no = operands
        return self.resolve(yes if self.resolve(self._conditions[condition]) else no)
