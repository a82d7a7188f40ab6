"""What stands: the orders of a run with all that was said about them. Pure data and pure changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict, Field

from diarchy.contracts.correction import Correction, Order
from diarchy.contracts.plan import SubtaskRecord
from diarchy.contracts.predicate import ANY, Condition, Predicate
from diarchy.contracts.world import WorldSnapshot

PUTS = ("place_on", "place_in", "hand_over")
_OPPOSITE = {
    "open": ("open", "container", False),
    "close": ("open", "container", True),
    "toggle_on": ("running", "device", False),
    "toggle_off": ("running", "device", True),
}


class NothingToChangeError(Exception):
    """A correction that has nothing to act on; the message is the answer to the person."""


class Standing(BaseModel):
    """The orders, the one that is served first; ``origins``: thing to the place it was taken from."""

    model_config = ConfigDict(frozen=True)

    orders: tuple[Order, ...]
    origins: dict[str, str] = Field(default_factory=dict)

    @property
    def simple(self) -> bool:
        """Whether it is one sentence about which nothing further was said."""
        return len(self.orders) == 1 and self.orders[0].plain

    def taken_from(self, thing: str, place: str) -> Standing:
        """Remember where a thing was taken from."""
        return self.model_copy(update={"origins": {**self.origins, thing: place}})

    def without_served(self, count: int) -> Standing:
        """Forget the first orders: they are done."""
        return self.model_copy(update={"orders": self.orders[count:]}) if count else self


def changed(
    standing: Standing,
    correction: Correction,
    world: WorldSnapshot,
    history: Sequence[SubtaskRecord],
) -> Standing:
    """Return what stands after a correction.

    Raises:
        NothingToChangeError: there is nothing that it could act on.
    """
    orders = standing.orders
    held, things = world.held, correction.things
    if correction.kind == "rest":
        exempt = tuple(Condition(Predicate("holding", (t,))) for t in things)
        return _with(standing, [_constrained(o, (ANY,), exempt) for o in orders])
    if correction.kind == "leave":
        kept = [_constrained(o, things) for o in orders]
        return _with(standing, [*_put_back(standing, held in things and held, history), *kept])
    if correction.kind == "instead":
        return _replaced(standing, correction, world, history)
    if correction.kind == "undo":
        return _undone(standing, things, held, history)
    order = Order(instruction=correction.instruction, since=len(history))
    if correction.kind == "also":
        return _with(standing, [*orders, order])
    if correction.kind == "task":
        back = _put_back(standing, held, history)
        return _with(standing, [*back, *([order] if order.instruction else [])])
    return standing


def _with(standing: Standing, orders: Sequence[Order]) -> Standing:
    return standing.model_copy(update={"orders": tuple(orders)})


def _constrained(order: Order, things: Sequence[str], exempt: Sequence[Condition] = ()) -> Order:
    if order.goals:
        return order
    new = (Condition(Predicate("holding", (t,)), value=False) for t in things)
    return order.model_copy(
        update={"constraints": tuple(dict.fromkeys((*order.constraints, *new, *exempt)))}
    )


def _put_back(
    standing: Standing, thing: str | bool | None, history: Sequence[SubtaskRecord]
) -> list[Order]:
    """Deal with what is held: back to where it was taken from, else down on what is near."""
    if not isinstance(thing, str):
        return []
    place = standing.origins.get(thing)
    goals = (_rests(thing, place),) if place else (Condition(Predicate("hand_empty")),)
    words = f"put the {thing.rsplit('_', 1)[0].replace('_', ' ')} {'back' if place else 'down'}"
    return [Order(instruction=words, goals=goals, since=len(history))]


def _rests(thing: str, place: str) -> Condition:
    relation, _, where = place.partition(" ")
    return Condition(Predicate(relation, (thing, where)))


def _replaced(
    standing: Standing,
    correction: Correction,
    world: WorldSnapshot,
    history: Sequence[SubtaskRecord],
) -> Standing:
    old, new = correction.things[0], correction.replacement
    if new is None:
        raise NothingToChangeError("I do not know what you mean instead.")
    entity = world.entity(old)
    movable = (
        entity is None or entity.kind == "object"
    )  # what is only described was never found yet
    orders = []
    for order in standing.orders:
        if not order.goals:
            order = order.model_copy(update={"instead": {**order.instead, old: new}})
            order = _constrained(order, (old,)) if movable else order
        orders.append(order)
    back = _put_back(standing, movable and world.held == old and old, history)
    if movable and world.held != old and old in moved(history) and old in standing.origins:
        back = _put_back(standing, old, history)  # it was brought already: it is not what was meant
    return _with(standing, [*back, *orders])


def _undone(
    standing: Standing, things: Sequence[str], held: str | None, history: Sequence[SubtaskRecord]
) -> Standing:
    """Undo the last thing done: what was moved goes back, and stays; doors and switches likewise."""
    if things:
        return _back_to_stay(standing, things[0], history)
    if held is not None:
        return _back_to_stay(standing, held, history)
    for record in reversed(history):
        if record.status != "succeeded":
            continue
        if record.skill in PUTS:
            return _back_to_stay(standing, str(record.args["object"]), history)
        if record.skill in _OPPOSITE:
            name, parameter, value = _OPPOSITE[record.skill]
            thing = str(record.args[parameter])
            goal = Condition(Predicate(name, (thing,)), value)
            undo = Order(
                instruction=f"undo: {record.words or record.skill}",
                goals=(goal,),
                since=len(history),
            )
            return _with(standing, [undo, *standing.orders[1:]])
    raise NothingToChangeError("I have not done anything yet that could be undone.")


def _back_to_stay(standing: Standing, thing: str, history: Sequence[SubtaskRecord]) -> Standing:
    if thing not in standing.origins:
        raise NothingToChangeError("I do not know where it was before, so I leave it where it is.")
    kept = [_constrained(o, (thing,)) for o in standing.orders]
    return _with(standing, [*_put_back(standing, thing, history), *kept])


def moved(history: Sequence[SubtaskRecord]) -> set[str]:
    """Ids of what was put somewhere in this run."""
    return {
        str(r.args.get("object")) for r in history if r.status == "succeeded" and r.skill in PUTS
    }


def place_of(thing: str, facts: Iterable[Condition]) -> str | None:
    """Return ``on PLACE`` or ``in PLACE`` as it is believed; None if that is not known."""
    found = sorted(
        f"{c.predicate.name} {c.predicate.args[1]}"
        for c in facts
        if c.value and c.predicate.name in ("on", "in") and c.predicate.args[0] == thing
    )
    return found[0] if found else None
