"""System 2: from a request to a plan, a question or a refusal. Planners are imported where they are needed."""
