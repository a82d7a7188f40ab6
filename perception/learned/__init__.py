"""The learned detector: its network, its training, and its inference without torch.

All modules but `detector` import nothing of diarchy but each other, so that training runs on a machine that
has torch and little more: see ``scripts/train_detector.py``.
"""
