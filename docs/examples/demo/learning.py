"""Larch's models. Training is acted, in seconds."""

import random
import time


def train_model(model: str, dataset: str, epochs: int = 6) -> None:
    """Train a model and say how good it has become."""
    print(f"Training {model} on {dataset}")
    loss = random.uniform(0.8, 1.1)
    for epoch in range(1, epochs + 1):
        time.sleep(random.uniform(0.8, 1.4))
        loss *= random.uniform(0.72, 0.92)
        print(f"epoch {epoch} of {epochs}   loss {loss:.4f}")
    if loss > 0.55:
        raise RuntimeError(f"{model} did not converge: loss {loss:.4f}")
    print(f"Registered {model} with loss {loss:.4f}")
