"""Evaluates every expression and template of the table with the real Jinja2 and ansible-core's own filters.

Reads {"variables": …, "expressions": […], "templates": […], "options": […]} and prints, for each expression,
{"value": …, "text": …} or {"error": …}; for each template a list of the same, one for each set of options.
"""
import json
import sys
import types

import jinja2
from ansible.plugins.filter.core import FilterModule as Core
from ansible.plugins.filter.mathstuff import FilterModule as Math
from ansible.plugins.filter.urls import FilterModule as Urls
from ansible.plugins.test.core import TestModule as CoreTests
from ansible.plugins.test.mathstuff import TestModule as MathTests


class Undefined(jinja2.StrictUndefined):
    """Strict, but what is undefined stays so whatever is asked of it, as in Ansible's own templates."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, key):
        return self


def plain(value):
    """Lists for all that Jinja2 iterates, as Ansible finalizes its values."""
    if isinstance(value, jinja2.Undefined):
        str(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, range, types.GeneratorType, zip, map, filter)) or type(value).__name__ in (
        "dict_items", "dict_keys", "dict_values", "product", "reversed", "list_reverseiterator", "_GroupTuple",
    ):
        return [plain(item) for item in value]
    return value


def environment(**options):
    env = jinja2.Environment(undefined=Undefined, finalize=plain, **options)
    keep = {name: env.filters[name] for name in ("default", "d", "map", "select", "selectattr", "reject", "rejectattr")}
    for module in (Core(), Math(), Urls()):
        env.filters.update(module.filters())
    env.filters.update(keep)
    env.filters["required"] = required
    for module in (CoreTests(), MathTests()):
        env.tests.update(module.tests())
    env.tests.update({name: jinja2.tests.TESTS[name] for name in ("defined", "undefined")})
    return env


def required(value, msg=None):
    if isinstance(value, jinja2.Undefined):
        raise ValueError(msg)
    return value


def attempt(work):
    try:
        return work()
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def main():
    table = json.load(sys.stdin)
    variables = table["variables"]
    env = environment()

    def evaluate(expression):
        value = plain(env.compile_expression(expression, undefined_to_none=False)(**variables))
        text = env.from_string("{{ " + expression + " }}|").render(**variables)
        json.dumps(value)
        return {"value": value, "text": text}

    def render(template, options):
        return {"text": environment(**options).from_string(template).render(**variables)}

    answer = {
        "expressions": [attempt(lambda: evaluate(e)) for e in table["expressions"]],
        "templates": [[attempt(lambda: render(t, o)) for o in table["options"]] for t in table["templates"]],
    }
    json.dump(answer, sys.stdout)


main()
