"""SetFit on rows read from standard input, its answers on standard output; run by the interpreter that has SetFit."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import redirect_stdout

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false", CUDA_VISIBLE_DEVICES="")


def main() -> None:
    import torch
    from datasets import Dataset
    from setfit import SetFitModel, Trainer, TrainingArguments

    torch.set_num_threads(1)
    job = json.load(sys.stdin)
    train = Dataset.from_dict({"text": job["train"]["texts"], "label": job["train"]["labels"]})
    with redirect_stdout(sys.stderr):
        start = time.process_time()
        model = SetFitModel.from_pretrained(job["model"])
        arguments = TrainingArguments(
            batch_size=16,
            num_epochs=1,
            num_iterations=job["n_iterations"],
            seed=job["seed"],
            report_to="none",
            save_strategy="no",
            logging_steps=100_000,
        )
        Trainer(model=model, args=arguments, train_dataset=train).train()
        fit_s = time.process_time() - start
        predicted = [int(label) for label in model.predict(job["test"]["texts"], show_progress_bar=False)]
    said = {"predicted": predicted, "fit_s": fit_s, "predict_s": time.process_time() - start - fit_s}
    print(json.dumps(said))


if __name__ == "__main__":
    main()
