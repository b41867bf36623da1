"""The `tabular` learner: columns of numbers and categories into a small network, or a scikit-learn baseline.

What the columns become: `columns.py`; the network: `tabular_network.py`, on torch, which is imported when it is
fitted. Numbers by their quantiles and categories by embeddings: Gorishniy et al. 2021, "Revisiting Deep Learning Models
for Tabular Data".
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator
from scipy.sparse import csr_matrix, hstack
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge

from curate.errors import CurateError
from curate.learn.columns import Columns
from curate.learn.estimators import Estimators
from curate.learn.examples import Examples, Task
from curate.learn.learner import Fitted, Learner, Prior, TrainingCurve
from curate.learn.numbers import Scale
from curate.learn.training import Training
from curate.learn.unread import refuse_unread
from curate.optional import check, require

_BY = "the learner 'tabular'"
_DEFAULT = Training(
    learning_rate=1e-3,
    weight_decay=0.3,
    warmup_fraction=0.05,
    batch_rows=128,
    n_epochs=20,
    min_steps=100,
    n_looks=20,
    patience=5,
)
_READ_BY = {
    "mlp": ("hidden", "dropout", "training"),
    "logistic": ("inverse_penalty",),
    "boosting": ("n_trees", "tree_rate"),
}


class Tabular(Learner):
    """Columns of numbers and categories: a network with embeddings, or logistic regression, or boosted trees.

    It reads the columns of the role features and no text. Numbers, dates and times are numbers; booleans and texts are
    categories. Nulls and categories that training did not have are values of their own. The same rows in any order and
    the same seed give the same bytes.

    Args:
        kind: `mlp`: a network of our own; `logistic`: scikit-learn's logistic regression, ridge regression for
            numbers; `boosting`: scikit-learn's histogram gradient boosting.
        max_categories: of a column; rarer ones count as unseen.
        hidden: units of each hidden layer of the network.
        dropout: in the network after each hidden layer, in [0, 1).
        inverse_penalty: of `logistic`: scikit-learn's `C`, and 1 / `alpha` for numbers.
        n_trees: of `boosting`, for each output.
        tree_rate: of `boosting`: the learning rate.
        training: how the network is trained; what is set replaces single values.

    Example:
        >>> import pyarrow as pa
        >>> rows = Examples([""] * 4, np.array([0, 0, 1, 1]), None, 2, features=pa.table({"age": [20, 30, 60, 70]}))
        >>> model = Tabular(kind="logistic").fit(rows, validation=None, seed=0)
        >>> model.predict(Examples.unlabelled([""], pa.table({"age": [65]}))).argmax(axis=1).tolist()
        [1]
    """

    name: ClassVar[str] = "tabular"
    version: ClassVar[str] = "3"
    package: ClassVar[str] = "scikit-learn"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification", "multilabel", "regression"})
    reads: ClassVar[frozenset[str]] = frozenset({"features"})

    kind: Literal["mlp", "logistic", "boosting"] = "mlp"
    max_categories: int = Field(default=250, ge=1, le=250)
    hidden: tuple[int, ...] = (128,)
    dropout: float = Field(default=0.5, ge=0, lt=1)
    inverse_penalty: float = Field(default=1.0, gt=0)
    n_trees: int = Field(default=100, ge=1)
    tree_rate: float = Field(default=0.1, gt=0)
    training: Training = _DEFAULT

    @field_validator("training", mode="before")
    @classmethod
    def _with_defaults(cls, given: Any) -> Any:
        """What suits a small network where nothing else is set."""
        if isinstance(given, Training):
            given = {name: getattr(given, name) for name in given.model_fields_set}
        if not isinstance(given, dict):
            return given
        return {**{name: getattr(_DEFAULT, name) for name in _DEFAULT.model_fields_set}, **given}

    @model_validator(mode="after")
    def _reads_what_is_set(self) -> Tabular:
        others = [name for kind, names in _READ_BY.items() if kind != self.kind for name in names]
        refuse_unread(self, others, f"{_BY} of kind {self.kind!r}", "leave {it} out, or set another kind")
        refuse_unread(self.training, ["layer_decay"], _BY)
        return self

    @property
    def deterministic(self) -> bool:  # type: ignore[override]
        """Only the network draws at random."""
        return self.kind != "mlp"

    def check_installed(self) -> None:
        if self.kind == "mlp":
            check("torch", extra="train", by=_BY)

    def identity(self) -> dict[str, Any]:
        """With torch's version where it does the arithmetic."""
        return super().identity() | ({"torch": version("torch")} if self.kind == "mlp" else {})

    def on_budget(self, n_rows: int) -> Tabular:
        """This learner with exactly the steps it would take on `n_rows` training rows."""
        return self.model_copy(update={"training": self.training.on_budget(n_rows)}) if self.kind == "mlp" else self

    def fit(self, train: Examples, *, validation: Examples | None, seed: int) -> Fitted:
        """Train; see the class. `validation` and `seed` matter to the network only.

        Raises:
            CurateError: no training row has a weight above 0, the rows have no features, or the training diverged.
            ColumnError: a column holds neither numbers, times, booleans nor text.
            MissingExtra: torch is not installed.
        """
        train = self.taught(train).in_canonical_order()
        if train.features is None:
            raise CurateError(f"{_BY} needs feature columns", hint="name them with the role features (--features)")
        columns = Columns.of(train.features, max_categories=self.max_categories)
        same = len(np.unique(train.targets, axis=0)) == 1
        if same or not (columns.numbers or columns.categories):
            return Prior.of(train)
        if self.kind == "mlp":
            require("torch", extra="train", by=_BY)
            from curate.learn.tabular_network import fit

            return fit(self, columns, train, validation, seed)
        scale = Scale.of(columns.read_numbers(train.features)) if self.kind == "logistic" else None
        features = _features(columns, scale, train)
        return FittedTabular(columns, scale, Estimators.fit(features, train, lambda: self._model(train.task, columns)))

    def _model(self, task: Task, columns: Columns) -> Any:
        if self.kind == "logistic":
            if task == "regression":
                return Ridge(alpha=1 / self.inverse_penalty)
            return LogisticRegression(C=self.inverse_penalty, max_iter=1000, solver="newton-cg")
        made = HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
        which = np.arange(len(columns.categories)) + len(columns.numbers)
        return made(
            learning_rate=self.tree_rate,
            max_iter=self.n_trees,
            categorical_features=which,
            early_stopping=False,
            random_state=0,
        )


def _features(columns: Columns, scale: Scale | None, rows: Examples) -> Any:
    """Numbers beside codes, float64 (n, p + q); or, where there is a scale, scaled numbers beside 0 and 1, sparse."""
    numbers, codes = columns.read_numbers(rows.features), columns.read_codes(rows.features)
    if scale is None:
        return np.hstack([numbers, codes])
    sizes = np.array([each.n_codes for each in columns.categories], np.int64)
    starts = np.cumsum(sizes) - sizes
    n_rows, n_columns = codes.shape
    offsets = np.arange(0, codes.size + 1, n_columns) if n_columns else np.zeros(n_rows + 1, np.int64)
    held = csr_matrix((np.ones(codes.size), (codes + starts).ravel(), offsets), shape=(n_rows, int(sizes.sum())))
    return hstack([csr_matrix(scale.apply(numbers)), held], format="csr")


@dataclass(frozen=True)
class FittedTabular:
    """The columns of a training set and the scikit-learn models over them."""

    columns: Columns
    scale: Scale | None
    models: Estimators
    curve: TrainingCurve | None = None

    @property
    def n_steps(self) -> int:
        """The solver's iterations, or trees."""
        return self.models.n_steps

    def predict(self, rows: Examples) -> NDArray[np.float64]:
        """Class probabilities, shape (n, n_classes), 0 for classes that training did not have; or numbers, (n, 1)."""
        if not len(rows):
            return np.zeros((0, self.models.objective.n_classes or 1))
        return self.models.predict(_features(self.columns, self.scale, rows))
