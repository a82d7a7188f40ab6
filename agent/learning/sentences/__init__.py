"""Sentences to train the bundled planner on: those that people wrote, and generated ones."""
