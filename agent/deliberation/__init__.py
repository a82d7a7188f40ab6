"""The LangGraph graph of a command: observe, recall, plan, check, act, reflect, ask."""
