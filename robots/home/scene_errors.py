"""One line for a person out of what pydantic found wrong in a scene file."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ValidationError

from diarchy.contracts.errors import did_you_mean

_UNION_TAGS = ("str", "tuple[float, float, float]", "constrained-float", "nullable")


def first_line(
    error: ValidationError, whole: type[BaseModel], parts: Mapping[str, type[BaseModel]]
) -> str:
    """Say what was wrong first: the key, what exists instead, and how many more there are.

    Args:
        error: of validating a file's content.
        whole: the model of the file.
        parts: models of its entries by key.
    """
    details = error.errors()
    first = next((e for e in details if e["type"] == "extra_forbidden"), details[0])
    where = ".".join(str(p) for p in first["loc"] if p not in _UNION_TAGS)
    more = f" (and {len(details) - 1} more)" if len(details) > 1 else ""
    if first["type"] == "extra_forbidden":
        model = whole if len(first["loc"]) == 1 else parts[str(first["loc"][0])]
        known = [field.alias or name for name, field in model.model_fields.items()]
        return f"unknown key '{where}'; {did_you_mean(str(first['loc'][-1]), known)}{more}"
    message = first["msg"].removeprefix("Value error, ")
    value = first["input"]
    shown = f" (got {value!r})" if isinstance(value, str | int | float) else ""
    return f"{where + ': ' if where else ''}{message}{shown}{more}"
