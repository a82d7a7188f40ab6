"""The flow-matching action expert: configuration, model, processing and the maths, side by side."""
