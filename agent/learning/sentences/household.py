"""Generated commands of a household, with what they mean, for homes drawn at random.

A home here is no more than what can be named in it. The sentences cover what ALFRED's do not: handing over,
finding, doors and switches, colours and places that tell things apart, "all" and "except", several wishes in a
row, and what gets a question or a refusal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from diarchy.agent.learning.sentences import phrases as p
from diarchy.agent.learning.sentences.alfred import FIXTURES, Said
from diarchy.agent.learning.sentences.naming import UNKNOWN, called, plural
from diarchy.planners.embedded.language import CARRIERS, COLOURS, EVERYTHING, PERSON, Reading, Wish

HOME_PLACES = (
    "Bed", "Cabinet", "CoffeeMachine", "CoffeeTable", "CounterTop", "Desk", "DeskLamp", "DiningTable",
    "Drawer", "Dresser", "FloorLamp", "Fridge", "GarbageCan", "HousePlant", "Microwave", "Shelf",
    "SideTable", "SinkBasin", "Sofa", "Stove",
)  # fmt: skip
ROOMS = ("kitchen", "living_room", "bedroom", "bathroom", "hall", "dining_room", "office", "study")
_INSIDE = ("Cabinet", "Drawer", "Fridge", "GarbageCan", "Microwave", "SinkBasin", "Safe", "BathtubBasin")  # fmt: skip
_OPENS = ("Cabinet", "Drawer", "Fridge", "Microwave", "Safe")
_SWITCHED = ("DeskLamp", "FloorLamp", "Microwave", "SinkBasin")
_NOT_INTO = ("DeskLamp", "FloorLamp", "HousePlant")
_NO_PLURAL = ("ToiletPaper", "Bread", "TissueBox", "KeyChain")
Part = tuple[str, tuple[Wish, ...]]


@dataclass(frozen=True)
class _Phrase:
    """Words for a thing, and what a step says of it."""

    words: str
    cls: str
    many: str = ""
    color: str = ""
    name: str = ""


class Speaker:
    """Says things in one home.

    Args:
        rng: draws everything.
        objects, places, rooms: what can be named.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        objects: Sequence[str],
        places: Sequence[str],
        rooms: Sequence[str],
    ) -> None:
        self._rng = rng
        self._objects, self._places, self._rooms = list(objects), list(places), list(rooms)
        self._into = [x for x in self._places if x not in _NOT_INTO]

    def command(self) -> Part | None:
        """Say one to three wishes in one sentence."""
        count = int(self._rng.choice([1, 1, 1, 1, 2, 2, 3]))
        parts = [part for part in (self._part() for _ in range(count)) if part is not None]
        if not parts:
            return None
        words = parts[0][0]
        for sentence, _ in parts[1:]:
            words = words.rstrip("?") + self._pick(p.JOINTS) + sentence
        if self._rng.random() < 0.15:
            words = self._pick(p.POLITE) + words
        return words, tuple(wish for _, wishes in parts for wish in wishes)

    def _part(self) -> Part | None:
        ways: tuple[tuple[Callable[[], Part | None], float], ...] = (
            (self._put, 5), (self._put_from, 1.5), (self._put_several, 2), (self._clear, 1),
            (self._stack, 1.5), (self._treat, 3), (self._show, 1), (self._give, 2), (self._away, 1),
            (self._find, 1), (self._go, 1), (self._simple, 2), (self._door, 1.2), (self._switch, 1),
            (self._wait, 0.4), (self._slice, 0.7),
        )  # fmt: skip
        weights = np.array([w for _, w in ways])
        return ways[int(self._rng.choice(len(ways), p=weights / weights.sum()))][0]()

    # ---- words --------------------------------------------------------------------------------

    def _pick(self, options: Sequence[str]) -> str:
        return options[int(self._rng.integers(len(options)))]

    def _name(self, cls: str) -> str:
        names = called(cls)
        fits = [
            n for n in names if sum(n in called(c) for c in (*self._objects, *self._places)) == 1
        ]
        return self._pick((names[0], *fits))

    def _thing(self, classes: Sequence[str] | None = None) -> _Phrase:
        cls = self._pick(classes or self._objects)
        name = self._name(cls)
        color = self._pick(COLOURS) if self._rng.random() < 0.3 else ""
        words = f"{color} {name}".strip()
        article = self._pick(("the", "the", "the", "a", "a", "my", "any", ""))
        many = "a" if article in ("a", "any") else ""
        if article == "a" and words[0] in "aeiou":
            article = "an"
        return _Phrase(f"{article} {words}".strip(), cls, many, color, name)

    def _spot(self, classes: Sequence[str] | None = None) -> tuple[str, str, str]:
        """Return words for a place, its relation and its class."""
        fits = [c for c in self._into if classes is None or c in classes]
        cls = self._pick(fits or self._into)
        relation = self._pick(("in", "in", "into", "inside")) if cls in _INSIDE else self._pick(("on", "on", "onto", "on top of"))  # fmt: skip
        article = "a" if cls == "Drawer" and self._rng.random() < 0.5 else self._pick(("the", "the", "the", "the", ""))  # fmt: skip
        return f"{article} {self._name(cls)}".strip(), relation, cls

    # ---- moving things ------------------------------------------------------------------------

    def _put(self) -> Part:
        x, (y, r, to) = self._thing(), self._spot()
        return self._pick(p.PUT).format(x=x.words, y=y, r=r), (Wish("put", x.cls, x.many, x.color, to=to),)  # fmt: skip

    def _put_from(self) -> Part | None:
        x, (y, r, to), (s, _, source) = self._thing(), self._spot(), self._spot()
        if to == source:
            return None
        if self._rng.random() < 0.3:
            n = self._thing([o for o in self._objects if o != x.cls] or None)
            words = self._pick(p.PUT_NEAR).format(x=x.words, n=f"the {n.name}", y=y, r=r)
            return words, (Wish("put", x.cls, x.many, x.color, near=n.cls, to=to),)
        words = self._pick(p.PUT_FROM).format(x=x.words, s=s, y=y, r=r)
        return words, (Wish("put", x.cls, x.many, x.color, where=source, to=to),)

    def _put_several(self) -> Part:
        several = [o for o in self._objects if o not in _NO_PLURAL] or self._objects
        x, (y, r, to) = self._thing(several), self._spot()
        two = self._rng.random() < 0.5
        form = self._pick(p.PUT_TWO if two else p.PUT_ALL)
        one = f"{x.color} {x.name}".strip()
        words = form.format(p=plural(one), o=one, y=y, r=r)
        left_out = ""
        if not two and not x.color and self._rng.random() < 0.4:
            left_out = self._pick(COLOURS)
            words += " " + self._pick(p.EXCEPT).format(e=left_out)
        return words, (
            Wish("put", x.cls, "two" if two else "all", x.color, left_out=left_out, to=to),
        )

    def _clear(self) -> Part | None:
        (s, _, source), (y, r, to) = self._spot(), self._spot()
        if source == to:
            return None
        words, left_out = self._pick(p.CLEAR).format(s=s, y=y, r=r), ""
        if self._rng.random() < 0.3:
            x = self._thing()
            words, left_out = f"{words} {self._pick(('except', 'but not'))} the {x.name}", x.cls
        return words, (Wish("put", EVERYTHING, where=source, left_out=left_out, to=to),)

    def _stack(self) -> Part | None:
        carriers = [c for c in CARRIERS if c in self._objects]
        others = [o for o in self._objects if o not in carriers]
        if not carriers or not others:
            return None
        x, c, (y, r, to) = self._thing(others), self._thing(carriers), self._spot()
        q = self._pick(("on",)) if c.cls == "Plate" else "in"
        carrier = f"the {c.name}"
        words = self._pick(p.STACK).format(x=x.words, c=carrier, q=q, r=r, y=y)
        return words, (Wish("put", x.cls, x.many, x.color, to=c.cls), Wish("put", c.cls, to=to))

    def _treat(self) -> Part:
        do = self._pick(("heat", "cool", "clean"))
        x, (y, r, to) = self._thing(), self._spot()
        treat = Wish(do, x.cls, x.many, x.color)
        chance = self._rng.random()
        if chance < 0.2:
            word = self._pick(p.STATES[do])
            words = self._pick(p.STATE_PUT).format(a="a", w=word, o=x.name, r=r, y=y)
            return words, (Wish(do, x.cls, "a"), Wish("put", x.cls, "a", to=to))
        words = self._pick({"heat": p.HEAT, "cool": p.COOL, "clean": p.CLEAN}[do]).format(x=x.words)
        if chance < 0.35:
            return words, (treat,)
        if chance < 0.5:
            return f"{words} and {self._pick(('bring it to me', 'give it to me', 'hand it to me'))}", (treat, Wish("give", x.cls, x.many, x.color))  # fmt: skip
        words = self._pick(p.THEN_PUT).format(t=words, r=r, y=y)
        return words, (treat, Wish("put", x.cls, x.many, x.color, to=to))

    def _show(self) -> Part | None:
        lamps = [c for c in self._places if c.endswith("Lamp")]
        if not lamps:
            return None
        lamp, x = self._pick(lamps), self._thing()
        words = self._pick(p.SHOW).format(x=x.words, l=f"the {self._name(lamp)}")
        return words, (Wish("show", x.cls, x.many, x.color, to=lamp),)

    def _give(self) -> Part:
        x = self._thing()
        if self._rng.random() < 0.25:
            s, _, source = self._spot()
            return self._pick(p.GIVE_FROM).format(x=x.words, s=s), (Wish("give", x.cls, x.many, x.color, where=source),)  # fmt: skip
        return self._pick(p.GIVE).format(x=x.words), (Wish("give", x.cls, x.many, x.color),)

    def _away(self) -> Part | None:
        if "GarbageCan" not in self._places:
            return None
        x = self._thing()
        return self._pick(p.AWAY).format(x=x.words), (Wish("put", x.cls, x.many, x.color, to="GarbageCan"),)  # fmt: skip

    # ---- looking and going --------------------------------------------------------------------

    def _find(self) -> Part:
        x = self._thing()
        form = self._pick(p.FIND)
        said = x if "{x}" in form else _Phrase("", x.cls, "", x.color, x.name)
        one = f"{x.color} {x.name}".strip()
        words = form.format(x=x.words, m=f"my {one}", p=plural(one))
        return words, (Wish("find", x.cls, "all" if "{p}" in form else said.many, x.color),)

    def _go(self) -> Part:
        if self._rooms and self._rng.random() < 0.4:
            room = self._pick(self._rooms)
            return self._pick(p.GO).format(y=f"the {room.replace('_', ' ')}"), (Wish("go", room),)
        if self._rng.random() < 0.2:
            return self._pick(p.COME), (Wish("go", PERSON),)
        cls = self._pick(self._places)
        return self._pick(p.GO).format(y=f"the {self._name(cls)}"), (Wish("go", cls),)

    def _simple(self) -> Part:
        do = self._pick(("look", "hold", "hold", "push"))
        x = self._thing()
        form = self._pick({"look": p.LOOK, "hold": p.HOLD, "push": p.PUSH}[do])
        return form.format(x=x.words), (Wish(do, x.cls, x.many, x.color),)

    def _door(self) -> Part | None:
        doors = [c for c in self._places if c in _OPENS]
        if not doors:
            return None
        cls, do = self._pick(doors), self._pick(("open", "close"))
        many = self._pick(("", "", "", "a", "all"))
        name = self._name(cls)
        words = {"": f"the {name}", "a": f"a {name}", "all": f"all {plural(name)}"}[many]
        first = self._pick(p.OPEN if do == "open" else p.CLOSE).format(y=words)
        wish = Wish(do, cls, many)
        if do == "open" and not many and self._rng.random() < 0.25:
            return f"{first} and then close it", (wish, Wish("close", cls))
        return first, (wish,)

    def _switch(self) -> Part | None:
        devices = [c for c in self._places if c in _SWITCHED]
        if not devices:
            return None
        cls = self._pick(devices)
        name = self._pick(("faucet", "tap", "water")) if cls == "SinkBasin" else self._name(cls)
        on = self._rng.random() < 0.6
        words = self._pick(p.ON if on else p.OFF).format(y=f"the {name}")
        if on and self._rng.random() < 0.25:
            return f"{words} and then turn it off", (Wish("turn on", cls), Wish("turn off", cls))
        return words, (Wish("turn on" if on else "turn off", cls),)

    def _wait(self) -> Part:
        seconds = self._pick(tuple(p.WAIT))
        return self._pick(p.WAIT[seconds]), (Wish("wait", seconds),)

    def _slice(self) -> Part:
        x, (y, r, to) = self._thing(), self._spot()
        if self._rng.random() < 0.5:
            form = self._pick(p.SLICE_PUT)
            many = "" if "{x}" in form else "a"
            words = form.format(x=f"the {x.name}", o=x.name, r=r, y=y)
            return words, (Wish("slice", x.cls, many), Wish("put", x.cls, many, to=to))
        return self._pick(p.SLICE).format(x=x.words), (Wish("slice", x.cls, x.many, x.color),)

    # ---- what no plan answers -----------------------------------------------------------------

    def odd(self) -> tuple[str, Reading]:
        """Say something that gets a question or a refusal."""
        x = self._thing()
        fill = {"x": f"the {x.name}", "o": x.name, "k": self._pick(COLOURS)}
        code = self._pick(("unsafe", "no_skill", "not_understood", "unclear", "unknown", "unknown"))
        if code == "unsafe":
            return self._pick(p.UNSAFE).format(**fill), Reading(code="unsafe")
        if code == "no_skill":
            return self._pick(p.NO_SKILL).format(**fill), Reading(code="no_skill")
        if code == "not_understood":
            return self._gibberish(), Reading(code="not_understood")
        if code == "unclear":
            return self._pick(p.UNCLEAR), Reading()
        return self._unknown(), Reading(code="unknown_word")

    def _gibberish(self) -> str:
        if self._rng.random() < 0.7:
            return self._pick(p.NOT_UNDERSTOOD)
        letters = [
            chr(97 + int(i)) for i in self._rng.integers(0, 26, int(self._rng.integers(5, 16)))
        ]
        return "".join(c + (" " if self._rng.random() < 0.15 else "") for c in letters)

    def _unknown(self) -> str:
        """Name something that is not here: of no home, or of another one."""
        absent = [c for c in FIXTURES if c not in self._places and not set(called(c)) & {n for k in self._places for n in called(k)}]  # fmt: skip
        strange = self._pick(UNKNOWN)
        if self._rng.random() < 0.4:
            x = self._thing()
            where = (
                self._pick(called(self._pick(absent)))
                if absent and self._rng.random() < 0.5
                else strange
            )
            return self._pick(p.PUT).format(x=x.words, y=f"the {where}", r="on")
        y, r, _ = self._spot()
        form = self._pick((*p.PUT, *p.GIVE, *p.AWAY, *p.HOLD, *(f for f in p.FIND if "{x}" in f)))
        return form.format(x=f"the {strange}", y=y, r=r)


def generate(count: int, seed: int, objects: Sequence[str], *, odd: bool = False) -> Iterator[Said]:
    """Yield samples of random homes; the same seed gives the same.

    Args:
        count: how many.
        seed: of everything.
        objects: classes of all things that a home can have.
        odd: sentences that get a question or a refusal, instead of commands.
    """
    rng = np.random.default_rng([seed, int(odd)])
    while count > 0:
        alfred = rng.random() < 0.3
        stock = FIXTURES if alfred else HOME_PLACES
        places = sorted(rng.choice(stock, int(rng.integers(6, 15)), replace=False).tolist())
        things = sorted(
            rng.choice(
                sorted(objects), min(int(rng.integers(6, 26)), len(objects)), replace=False
            ).tolist()
        )
        rooms = sorted(rng.choice(ROOMS, int(rng.integers(1, 5)), replace=False).tolist()) if not alfred else []  # fmt: skip
        speaker = Speaker(rng, things, places, rooms)
        for _ in range(min(4, count)):
            if odd:
                sentence, reading = speaker.odd()
            else:
                part = speaker.command()
                if part is None:
                    continue
                sentence, reading = part[0], Reading(part[1])
            split = "val" if rng.random() < 0.02 else "train"
            kind = "other" if odd else "home"
            yield Said(sentence, reading, tuple(things), tuple(places), tuple(rooms), kind, split)
            count -= 1
