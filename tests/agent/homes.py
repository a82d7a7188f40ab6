"""A home on paper, for drawing tasks without a simulator."""

from __future__ import annotations

from diarchy.agent.evaluation.inventory import Inventory, Thing

HOME = Inventory(
    things=(
        Thing("mug_1", "Mug", "red", "counter_top_1", "on"),
        Thing("mug_2", "Mug", "blue", "coffee_table_1", "on"),
        Thing("soda_can_1", "SodaCan", "red", "coffee_table_1", "on"),
        Thing("apple_1", "Apple", "red", "counter_top_1", "on"),
        Thing("apple_2", "Apple", "red", "shelf_1", "on"),
        Thing("potato_1", "Potato", "brown", "dining_table_1", "on"),
        Thing("plate_1", "Plate", "white", "dining_table_1", "on"),
        Thing("spoon_1", "Spoon", "grey", "counter_top_1", "on"),
        Thing("egg_1", "Egg", "white", "fridge_1", "in"),
        Thing("bowl_1", "Bowl", "yellow", "side_table_1", "on"),
        Thing("tomato_1", "Tomato", "red", "bowl_1", "in"),
    ),
    fixtures={
        "counter_top_1": "CounterTop",
        "dining_table_1": "DiningTable",
        "coffee_table_1": "CoffeeTable",
        "side_table_1": "SideTable",
        "shelf_1": "Shelf",
        "fridge_1": "Fridge",
        "cabinet_1": "Cabinet",
        "microwave_1": "Microwave",
        "sink_basin_1": "SinkBasin",
        "garbage_can_1": "GarbageCan",
        "desk_1": "Desk",
        "desk_lamp_1": "DeskLamp",
        "dresser_1": "Dresser",
        "drawer_1": "Drawer",
        "drawer_2": "Drawer",
    },
    people=("person_1",),
    shut=frozenset({"fridge_1", "cabinet_1", "microwave_1", "drawer_1", "drawer_2"}),
)
