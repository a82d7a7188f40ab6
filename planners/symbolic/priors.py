"""Where things of a kind are likely to be, among places that are closed."""

from __future__ import annotations

_FOOD = ("Fridge", "Microwave", "Cabinet")
_DISHES = ("Cabinet", "Microwave", "Drawer", "Fridge")
_SMALL = ("Drawer", "Cabinet")
_LIKELY: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("Apple", "Bread", "Egg", "Lettuce", "Potato", "Tomato", "SodaCan"), _FOOD),
    **dict.fromkeys(("WineBottle", "GlassBottle"), ("Fridge", "Cabinet")),
    **dict.fromkeys(("Bowl", "Cup", "Mug", "Plate", "Pan", "Pot"), _DISHES),
    **dict.fromkeys(("SaltShaker", "PepperShaker", "Box", "Vase"), ("Cabinet", "Drawer")),
    **dict.fromkeys(("Fork", "Spoon", "ButterKnife", "Knife", "DishSponge"), _SMALL),
    **dict.fromkeys(("KeyChain", "CellPhone", "Pencil", "Pen", "RemoteControl", "Book"), _SMALL),
    **dict.fromkeys(("Candle", "SoapBar", "SoapBottle", "ToiletPaper", "Cloth"), _SMALL),
}
_OTHERWISE = ("Cabinet", "Drawer", "Fridge", "Microwave")


def likeliness(cls: str, place: str) -> int:
    """Rank a class of closed places for a class of things; 0 is the likeliest."""
    row = _LIKELY.get(cls, _OTHERWISE)
    return row.index(place) if place in row else len(row)
