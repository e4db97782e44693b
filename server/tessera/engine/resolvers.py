"""How a generated resolver takes on the arguments of the function it calls."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import strawberry

ResolverT = TypeVar("ResolverT", bound=Callable[..., Any])

_FIXED = (
    inspect.Parameter("root", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Any),
    inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=strawberry.Info),
)


def shaped(
    resolver: ResolverT,
    like: Callable[..., Any],
    *,
    skip: int,
    before: Sequence[inspect.Parameter] = (),
    returns: object = inspect.Signature.empty,
) -> ResolverT:
    """Let strawberry see `resolver(root, info, **arguments)` with the parameters of `like` behind its first `skip`.

    `before` are further parameters ahead of those. `returns` is the field's type, when the class does not say it.
    """
    own = list(inspect.signature(like).parameters.values())[skip:]
    keyword = [argument.replace(kind=inspect.Parameter.KEYWORD_ONLY) for argument in (*before, *own)]
    vars(resolver)["__signature__"] = inspect.Signature([*_FIXED, *keyword], return_annotation=returns)
    resolver.__module__ = like.__module__
    resolver.__name__ = like.__name__
    return resolver
