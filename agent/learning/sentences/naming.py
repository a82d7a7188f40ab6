"""What people call things, for generated sentences: class names in words, synonyms, plurals, and nonsense."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from diarchy.contracts.entity import class_words
from diarchy.planners.symbolic.lexicon import plural_of

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "SoapBar": ("bar of soap", "soap"), "SoapBottle": ("soap bottle", "bottle of soap"),
    "ToiletPaper": ("toilet paper", "toilet roll", "roll of toilet paper"),
    "TissueBox": ("box of tissues", "tissues"), "Bread": ("loaf of bread", "loaf"),
    "SodaCan": ("can", "can of soda", "soda"), "SaltShaker": ("salt",), "PepperShaker": ("pepper",),
    "DishSponge": ("sponge",), "WineBottle": ("bottle of wine", "wine"),
    "GlassBottle": ("bottle",), "RemoteControl": ("remote", "tv remote"),
    "CellPhone": ("phone", "mobile phone", "smartphone"), "KeyChain": ("keys", "set of keys", "car keys"),
    "Book": ("novel",), "Statue": ("figurine", "sculpture"), "AlarmClock": ("clock",),
    "TeddyBear": ("teddy", "stuffed bear"), "Mug": ("coffee mug",), "Cup": ("glass",),
    "Plate": ("dish",), "Pot": ("cooking pot",), "Box": ("carton", "cardboard box"),
    "Fridge": ("refrigerator",), "Cabinet": ("cupboard",), "Dresser": ("chest of drawers",),
    "CounterTop": ("counter", "kitchen counter", "countertop"), "Stove": ("cooker",),
    "CoffeeMachine": ("coffee maker",), "GarbageCan": ("bin", "trash can", "garbage bin", "trash"),
    "SinkBasin": ("sink", "basin"), "DiningTable": ("dinner table", "kitchen table"),
    "SideTable": ("end table", "nightstand"), "Sofa": ("couch",), "HousePlant": ("plant",),
    "DeskLamp": ("lamp", "table lamp"), "FloorLamp": ("standing lamp",), "Shelf": ("bookshelf",),
    "Laptop": ("computer", "notebook"), "CD": ("disc", "cd"), "Pan": ("frying pan",),
    "ButterKnife": ("butter knife",), "Cloth": ("rag", "washcloth"), "Newspaper": ("paper",),
    "BathtubBasin": ("bathtub", "tub"), "ArmChair": ("armchair",), "StoveBurner": ("stove", "burner"),
}  # fmt: skip
IRREGULAR = {
    "knife": "knives",
    "loaf": "loaves",
    "shelf": "shelves",
    "bookshelf": "bookshelves",
    "glass": "glasses",
}
UNKNOWN = (
    "flurble", "wibble", "dragon", "piano", "bicycle", "zorblatt", "guitar", "umbrella", "helicopter",
    "trampoline", "gizmo", "elephant", "skateboard", "violin", "aquarium", "telescope", "hammock",
    "snowboard", "drum kit", "chainsaw", "hat", "sweater", "banana", "melon", "cheese", "pizza", "toaster",
    "blender", "printer", "rug", "curtain", "ladder", "hammer", "shoes", "jacket", "guinea pig", "ball gown",
    "suitcase", "backpack", "mirror", "cactus", "frobnicator", "spaceship", "carrot", "cucumber", "sock",
    "parasol", "kayak", "typewriter", "globe", "saxophone", "magnet", "thermometer", "yoga mat", "kite",
)  # fmt: skip
"""What no home here has."""


@lru_cache(maxsize=1024)
def called(cls: str) -> tuple[str, ...]:
    """Return what a class is called, its own name first."""
    return (class_words(cls).replace(" top", "top"), *SYNONYMS.get(cls, ()))


def plural(name: str) -> str:
    """Return the plural of a name: of its first noun in "bar of soap"."""
    head, of, rest = name.partition(" of ")
    words = head.split(" ")
    last = words[-1]
    if last in ("keys", "tissues", "scissors"):
        return name
    words[-1] = IRREGULAR.get(last, plural_of(last))
    return " ".join(words) + of + rest
