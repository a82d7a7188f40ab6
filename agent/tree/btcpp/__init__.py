"""BehaviorTree.CPP v4 XML, which Groot2 draws: plans written as trees, trees of others run on this robot."""
