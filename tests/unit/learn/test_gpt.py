"""The built-in GPT: causal, blind to other texts of a window, the same with and without a cache."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the learner 'causal' needs torch")

from curate.learn.gpt import Cache, Gpt, Shape  # noqa: E402
from curate.learn.greedy import LINES, greedy  # noqa: E402

SHAPE = Shape(n_tokens=61, context=24, dim=32, n_layers=2, n_heads=4)


@pytest.fixture(scope="module")
def network() -> Gpt:
    """With weights so large that what it writes depends on what it read."""
    made = Gpt(SHAPE, seed=1).eval()
    with torch.no_grad():
        for parameter in made.parameters():
            if parameter.dim() == 2:
                parameter.mul_(6)
    return made


@pytest.fixture(scope="module")
def prompts() -> list[np.ndarray]:
    draw = np.random.default_rng(0)
    return [draw.integers(0, 61, draw.integers(1, 20)) for _ in range(2 * LINES + 3)]


def test_no_token_sees_those_after_it(network: Gpt) -> None:
    with torch.inference_mode():
        one, other = network(torch.tensor([[1, 2, 3, 4]])), network(torch.tensor([[1, 2, 3, 5]]))
    assert torch.equal(one[:, :3], other[:, :3])
    assert not torch.allclose(one[:, 3], other[:, 3])


def test_a_text_does_not_see_another_in_its_window(network: Gpt) -> None:
    first, second = torch.arange(1, 11)[None], torch.arange(20, 27)[None]
    places = torch.cat([torch.arange(10), torch.arange(7)])[None]
    texts = torch.tensor([[0] * 10 + [1] * 7])
    with torch.inference_mode():
        together = network(torch.cat([first, second], 1), places, texts)
        alone = torch.cat([network(first), network(second)], 1)
    assert torch.allclose(together, alone, atol=1e-5)


def test_it_tells_the_order_of_tokens(network: Gpt) -> None:
    with torch.inference_mode():
        assert not torch.allclose(network(torch.tensor([[1, 2, 3]]))[0, -1], network(torch.tensor([[2, 1, 3]]))[0, -1])


def test_writing_with_a_cache_is_writing_without(network: Gpt, prompts: list[np.ndarray]) -> None:
    def slowly(prompt: np.ndarray) -> list[int]:
        tokens, found = prompt.tolist(), []
        while len(found) < 12 and len(tokens) <= SHAPE.context:
            with torch.inference_mode():
                best = int(network.logits(network(torch.tensor([tokens]))[0, -1:]).argmax())
            if best == 0:
                break
            found.append(best)
            tokens.append(best)
        return found

    written = greedy(network, prompts, end=0, most=12)
    assert written == [slowly(prompt) for prompt in prompts]
    assert len({tuple(tokens) for tokens in written}) > LINES, "it does not write one thing whatever the prompt"


def test_what_it_writes_does_not_depend_on_its_neighbours(network: Gpt, prompts: list[np.ndarray]) -> None:
    alone = [greedy(network, [prompt], end=0, most=12)[0] for prompt in prompts]
    assert greedy(network, prompts, end=0, most=12) == alone
    assert greedy(network, prompts[::-1], end=0, most=12) == alone[::-1]


def test_a_line_of_the_cache_gives_the_same_bits_wherever_it_stands(network: Gpt, prompts: list[np.ndarray]) -> None:
    def step(order: list[int]) -> torch.Tensor:
        cache = Cache.empty(SHAPE, LINES, network.embedding.weight)
        for line, at in enumerate(order):
            network.read(torch.from_numpy(prompts[at]), cache, line)
        return network.step(torch.full((LINES,), 5), torch.tensor([len(prompts[at]) for at in order]), cache)

    with torch.inference_mode():
        order = np.random.default_rng(1).permutation(LINES).tolist()
        assert torch.equal(step(order), step(list(range(LINES)))[order])


def test_weights_are_drawn_by_the_seed_and_leave_the_global_state_alone() -> None:
    before = torch.get_rng_state()
    one, again, other = (Gpt(SHAPE, seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(one[name], again[name]) for name in one)
    assert not torch.equal(one["embedding.weight"], other["embedding.weight"])
    assert all(torch.isfinite(tensor).all() for tensor in one.values())
