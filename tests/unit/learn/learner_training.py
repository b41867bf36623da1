"""A learner, trained in a process of its own or in several that a launcher starts: learner_training.py OUT MODEL."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch

from curate.learn.examples import Examples
from curate.learn.training import Training
from curate.learn.transformer import FittedTransformer, Transformer

WORDS = "fine great lovely superb warm poor awful dull weak cold".split()


def main(out: Path, model: str) -> None:
    draw = np.random.default_rng(4)
    labels = draw.integers(0, 2, 60)
    texts = [" ".join(draw.choice(WORDS[5:] if label else WORDS[:5], draw.integers(1, 4))) for label in labels]
    rows = Examples(texts, labels, None, 2)
    training = Training(learning_rate=1e-3, max_steps=20, batch_rows=8, accumulate_steps=4, n_looks=5, patience=None)
    fitted = Transformer(model=model, training=training).fit(rows, validation=rows.take(np.arange(20)), seed=3)
    assert isinstance(fitted, FittedTransformer)
    rank = torch.distributed.get_rank() if torch.distributed.is_initialized() else 0
    weights = torch.cat([each.detach().ravel() for each in fitted.network.parameters()]).numpy()
    losses = np.array(fitted.curve.train_loss)
    np.savez(out.with_name(f"{rank}-{out.name}"), weights=weights, predicted=fitted.predict(rows), losses=losses)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
