"""Dialogues: turns of a role and a content, as chats, instruction rows and prompts all hold them.

Reads each form and writes each form, row by row; what does not fit is a `Misfit` with a reason code, never cut.
ChatML is the markup of "Chat Markup Language" (OpenAI, 2023). Used by `convert.*`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from curate.kernels.prompt_template import Template

CHATML = "chatml"
STYLES = {"messages": ("role", "content"), "sharegpt": ("from", "value")}
"""The names of the two fields of a message, in each style of chats."""
_WRITTEN: dict[str, dict[str, str]] = {"messages": {}, "sharegpt": {"user": "human", "assistant": "gpt"}}
_KNOWN = {"human": "user", "gpt": "assistant", "model": "assistant", "bot": "assistant"}
_ROLES = frozenset({"system", "user", "assistant"})
_TOOLS = frozenset({"tool", "tools", "function", "function_call", "tool_call", "tool_response", "observation"})
_START, _END = "<|im_start|>", "<|im_end|>"
_TURN = re.compile(r"<\|im_start\|>([a-z]+)(?:[ \t]*+\n| |(?=<\|im_end\|>))")


class Turn(NamedTuple):
    """What one side says: `role` is system, user or assistant."""

    role: str
    content: str


Dialogue = tuple[Turn, ...]


class Misfit(Exception):
    """A row that a form cannot hold as it is; its only argument is the reason code."""


class Fields(NamedTuple):
    """One question with its answer, as instruction rows hold it; `system` and `output` may be missing (None)."""

    system: str | None
    instruction: str
    input: str
    output: str | None


def of_messages(messages: Iterable[Mapping[str, Any] | None] | None, style: str) -> Dialogue:
    """The dialogue of a chat in a style of `STYLES`.

    Raises:
        Misfit: `no_content`, `tool_message`, `unknown_role`, `other_fields`, or `nothing` for a chat without a message.

    Example:
        >>> of_messages([{"from": "human", "value": "Hi"}], "sharegpt")
        (Turn(role='user', content='Hi'),)
    """
    role_name, content_name = STYLES[style]
    turns = []
    for message in messages or ():
        role, content = (message.get(role_name), message.get(content_name)) if message is not None else (None, None)
        role = _KNOWN.get(role, role) if role is not None else None
        if role in _TOOLS:
            raise Misfit("tool_message")
        if role not in _ROLES:
            raise Misfit("unknown_role")
        assert message is not None
        if any(value not in (None, "", []) for name, value in message.items() if name not in (role_name, content_name)):
            raise Misfit("other_fields")
        if content is None:
            raise Misfit("no_content")
        turns.append(Turn(str(role), content))
    if not turns:
        raise Misfit("nothing")
    return tuple(turns)


def messages_of(dialogue: Dialogue, style: str) -> list[dict[str, str]]:
    """The chat of a dialogue; the inverse of `of_messages`."""
    role_name, content_name = STYLES[style]
    written = _WRITTEN[style]
    return [{role_name: written.get(role, role), content_name: content} for role, content in dialogue]


def of_fields(fields: Fields, question: Template, *, exact: bool = True) -> Dialogue:
    """The dialogue of an instruction row; `question` puts instruction and input into one message.

    Raises:
        Misfit: `ambiguous` where the two could not be told apart again, and `exact` asks for it.
    """
    said = {"instruction": fields.instruction, "input": fields.input}
    content = question.render(said)
    if exact and question.parse(content) != said:
        raise Misfit("ambiguous")
    turns = [Turn("user", content)]
    if fields.system is not None:
        turns.insert(0, Turn("system", fields.system))
    if fields.output is not None:
        turns.append(Turn("assistant", fields.output))
    return tuple(turns)


def fields_of(dialogue: Dialogue, question: Template) -> Fields:
    """The instruction row of a dialogue; the inverse of `of_fields`.

    Raises:
        Misfit: `several_turns`, `turn_order` where not the user begins, or `not_the_template` of a question.
    """
    system = dialogue[0].content if dialogue[0].role == "system" else None
    rest = dialogue if system is None else dialogue[1:]
    roles = [turn.role for turn in rest]
    if roles[:1] != ["user"]:
        raise Misfit("turn_order")
    if roles[1:] not in ([], ["assistant"]):
        raise Misfit("several_turns")
    said = question.parse(rest[0].content)
    if said is None:
        raise Misfit("not_the_template")
    return Fields(system, said["instruction"], said["input"], rest[1].content if len(rest) > 1 else None)


def prompt_of(
    dialogue: Dialogue, template: Template | None, question: Template, *, exact: bool = True
) -> tuple[str, str | None]:
    r"""A dialogue as a prompt and its completion (None where the user has the last word).

    Args:
        dialogue: the turns.
        template: of the prompt; None: ChatML, which holds any number of turns.
        question: takes a message apart into instruction and input.
        exact: refuse a prompt that could not be taken apart again.

    Raises:
        Misfit: `several_turns`, `turn_order`, `system_message`, `ambiguous`, `not_the_template` of a question.

    Example:
        >>> prompt_of((Turn("user", "Hi"), Turn("assistant", "Hello")), None, Template((), ()), exact=True)
        ('<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n', 'Hello')
    """
    if template is None:
        return _chatml(dialogue)
    fields = fields_of(dialogue, question)
    if fields.system is not None and "system" not in template.fields:
        raise Misfit("system_message")
    given = {"system": fields.system or "", "instruction": fields.instruction, "input": fields.input}
    if "input" not in template.fields:
        given.update(instruction=dialogue[-1 if fields.output is None else -2].content, input="")
    prompt = template.render(given)
    if exact and (template.parse(prompt) != {name: given[name] for name in template.fields} or fields.system == ""):
        raise Misfit("ambiguous")
    return prompt, fields.output


def of_prompt(
    prompt: str, completion: str | None, template: Template | None, question: Template, *, exact: bool = True
) -> Dialogue:
    """The dialogue of a prompt and its completion; the inverse of `prompt_of`.

    Raises:
        Misfit: `not_the_template`, `ambiguous`.
    """
    if template is None:
        return _of_chatml(prompt, completion)
    found = template.parse(prompt)
    if found is None:
        raise Misfit("not_the_template")
    fields = Fields(found.get("system") or None, found["instruction"], found.get("input", ""), completion)
    return of_fields(fields, question, exact=exact)


def _chatml(dialogue: Dialogue) -> tuple[str, str | None]:
    if any(_START in content or _END in content for _, content in dialogue):
        raise Misfit("ambiguous")
    last = dialogue[-1].role == "assistant"
    if last and len(dialogue) == 1:
        raise Misfit("turn_order")
    told = dialogue[:-1] if last else dialogue
    prompt = "".join(f"{_START}{role}\n{content}{_END}\n" for role, content in told)
    return prompt + f"{_START}assistant\n", dialogue[-1].content if last else None


def _of_chatml(prompt: str, completion: str | None) -> Dialogue:
    turns, at = [], 0
    while found := _TURN.match(prompt, at):
        end = prompt.find(_END, found.end())
        if end < 0:
            break
        turns.append(Turn(found[1], prompt[found.end() : end]))
        at = end + len(_END)
        while prompt.startswith(("\n", " "), at):
            at += 1
    open_turn = prompt[at:].strip()
    if not turns or open_turn not in ("", f"{_START}assistant") or any(turn.role not in _ROLES for turn in turns):
        raise Misfit("not_the_template")
    return tuple(turns) if completion is None else (*turns, Turn("assistant", completion))
