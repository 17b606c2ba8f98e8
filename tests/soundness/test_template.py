"""What the template evaluator says a constant template comes to is what Jinja renders; both refuse the same templates.

Needs the jinja2 package; without it the test is skipped. The seed may be set by SOUNDNESS_SEED, the number of templates
by SOUNDNESS_TEMPLATES.
"""
import os
import random
import subprocess
import unittest
import warnings

try:
    import jinja2
    import jinja2.ext
    import jinja2.sandbox
except ImportError:
    jinja2 = None

FOLD = os.environ["TEMPLATE_FOLD"]
SEED = int(os.environ.get("SOUNDNESS_SEED", "7"))
COUNT = int(os.environ.get("SOUNDNESS_TEMPLATES", "3000"))
WORDS = ["__cl", "ass__", "a", "", "B c", "_", "x{0}y", "%s", "%c%c", "{}{}", "{:c}", "lo", "ab,cd", "é", "\\x5f", "\\u005f",
         "\\N{LOW LINE}", "__SSALC__", "0", "95"]


class Writer:
    """Writes random templates of constants."""

    def __init__(self, rng):
        self.rng = rng

    def pick(self, *makers):
        return self.rng.choice(makers)()

    def text(self, depth):
        if depth <= 0:
            return "'" + self.rng.choice(WORDS) + "'" if self.rng.random() < 0.9 else "'a' 'b'"
        sub = depth - 1
        return self.pick(
            lambda: self.text(0),
            lambda: f"({self.text(sub)} ~ {self.text(sub)})",
            lambda: f"({self.text(sub)} + {self.text(sub)})",
            lambda: f"({self.text(sub)} * {self.number(sub)})",
            lambda: f"({self.text(sub)} % {self.text(sub)})",
            lambda: f"('%c%c' % (95, {self.number(0)} + 97))",
            lambda: f"('%s-%d' | format({self.text(sub)}, {self.number(sub)}))",
            lambda: f"{self.text(sub)}[{self.number(sub)}]",
            lambda: f"({self.text(sub)})[{self.bound(sub)}:{self.bound(sub)}:{self.step()}]",
            lambda: f"({self.text(sub)})|{self.rng.choice(['upper', 'lower', 'title', 'capitalize', 'reverse', 'trim', 'string', 'first', 'last', 'safe', 'e'])}",
            lambda: f"({self.text(sub)}).{self.rng.choice(['upper', 'lower', 'title', 'swapcase', 'capitalize', 'strip', 'lstrip', 'casefold'])}()",
            lambda: f"({self.text(sub)})|replace({self.text(0)}, {self.text(0)})",
            lambda: f"({self.text(sub)}).replace({self.text(0)}, {self.text(0)})",
            lambda: f"({self.list(sub)})|join({self.text(0)})",
            lambda: f"({self.text(0)}).join({self.list(sub)})",
            lambda: f"'{{}}:{{}}'.format({self.text(sub)}, {self.number(sub)})",
            lambda: "'{1}{0}{n}'.format(" + f"{self.text(sub)}, {self.text(sub)}, n={self.text(sub)})",
            lambda: "'{:c}'.format(95 + " + self.number(0) + ")",
            lambda: f"({self.text(sub)} if {self.test(sub)} else {self.text(sub)})",
            lambda: f"({self.list(sub)})|{self.rng.choice(['first', 'last'])}",
            lambda: f"(dict({self.rng.choice(['ab', '__class__', 'x_y'])}=1)|{self.rng.choice(['join', 'first', 'list|last'])})",
            lambda: f"({self.text(sub)}).split({self.rng.choice(['', self.text(0)])})|join('.')",
            lambda: f"({self.text(sub)}).center({self.number(sub)}, '-')",
            lambda: f"({self.text(sub)}|d({self.text(sub)}))",
            lambda: "{'a': " + self.text(sub) + "}['a']",
            lambda: "{'k': " + self.text(sub) + "}.k",
        )

    def number(self, depth):
        if depth <= 0:
            return str(self.rng.choice([0, 1, 2, 3, 5, 7, "0x10", "1_0"]))
        sub = depth - 1
        return self.pick(
            lambda: self.number(0),
            lambda: f"({self.number(sub)} {self.rng.choice(['+', '-', '*', '//', '%'])} {self.number(sub)})",
            lambda: f"(-{self.number(0)})",
            lambda: f"({self.text(sub)}|length)",
            lambda: f"({self.text(sub)}.find({self.text(0)}))",
            lambda: f"(2 ** {self.number(0)})",
        )

    def bound(self, depth):
        return "" if self.rng.random() < 0.4 else self.number(depth)

    def step(self):
        return self.rng.choice(["", "1", "-1", "2", "-2"])

    def list(self, depth):
        sub = depth - 1
        if depth <= 0:
            return "['a', 'b', '__']"
        return self.pick(
            lambda: "[" + ", ".join(self.text(sub) for _ in range(self.rng.randrange(4))) + "]",
            lambda: "(" + "".join(self.text(sub) + "," for _ in range(1 + self.rng.randrange(3))) + ")",
            lambda: f"({self.text(sub)}|list)",
            lambda: f"({self.list(sub)}|reverse|list)",
            lambda: f"({self.list(sub)})[{self.bound(0)}:{self.bound(0)}:{self.step()}]",
            lambda: f"({self.list(sub)}|map('{self.rng.choice(['upper', 'lower', 'string', 'trim'])}')|list)",
            lambda: f"({self.list(sub)} + {self.list(sub)})",
            lambda: f"({self.list(sub)}|sort)",
            lambda: f"({self.text(sub)}).split({self.text(0)})",
        )

    def test(self, depth):
        return self.pick(
            lambda: f"{self.number(depth)} {self.rng.choice(['==', '!=', '<', '<=', '>', '>='])} {self.number(depth)}",
            lambda: f"{self.text(depth)} {self.rng.choice(['==', '!=', 'in', 'not in'])} {self.text(depth)}",
            lambda: f"not {self.text(depth)}",
            lambda: f"({self.text(depth)} and {self.number(depth)})",
            lambda: f"({self.text(depth)} or {self.text(depth)}) == {self.text(depth)}",
        )

    def template(self):
        value = self.text(self.rng.randrange(1, 4))
        return self.pick(
            lambda: "{{ " + value + " }}",
            lambda: "{{- " + value + " -}}",
            lambda: "{% set a = " + value + " %}{{ a ~ a }}",
            lambda: "{% set a %}" + self.rng.choice(["x", "__"]) + "{{ " + value + " }}{% endset %}{{ a }}",
            lambda: "{% set n = namespace(v=" + value + ") %}{% for c in " + self.list(2) + " %}{% set n.v = n.v ~ c %}{% endfor %}{{ n.v }}",
            lambda: "{% macro m(a, b=" + value + ") %}{{ b ~ a }}{% endmacro %}{{ m(" + self.text(1) + ") ~ '|' }}",
            lambda: "{% for c in " + self.text(2) + " %}{{ c if loop.index0 is divisibleby 1 else c }}{% if loop.index0 % 2 %}.{% endif %}{% endfor %}",
            lambda: "{% if " + self.test(1) + " %}{{ " + value + " }}{% elif " + self.test(1) + " %}y{% else %}z{% endif %}",
            lambda: "{% filter upper %}{{ " + value + " }}{% endfilter %}",
            lambda: "{% call(q) c() %}{% endcall %}{% macro c() %}{% endmacro %}" if False else "{% with a = " + value + " %}{{ a }}{% endwith %}",
            lambda: "{# c #}{% raw %}{{ x }}{% endraw %}{{ " + value + " }}",
            lambda: "{% set l = [" + value + "] %}{% do l.append('q') %}{{ l|join }}",
            lambda: "{% for i in range(" + self.number(0) + ") %}{{ i }}{{ loop.last }}{% endfor %}{{ " + value + " }}",
        )


def render(environment, source):
    try:
        template = environment.from_string(source)
    except jinja2.TemplateAssertionError:  # an unknown filter or test
        return None
    except jinja2.TemplateSyntaxError:
        return "!"
    try:
        return "=" + template.render()
    except Exception:  # a template that fails when rendered: whatever we say of it is right
        return None


@unittest.skipIf(jinja2 is None, "the jinja2 package is not installed")
class Templates(unittest.TestCase):
    maxDiff = None

    def ours(self, sources):
        run = subprocess.run([FOLD], input=b"".join(one.encode() + b"\0" for one in sources), stdout=subprocess.PIPE, check=True)
        return [one.decode(errors="replace") for one in run.stdout.split(b"\0")[:-1]]

    def environment(self):
        warnings.simplefilter("ignore")  # Python's remarks on the templates' escapes
        return jinja2.Environment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"], keep_trailing_newline=True)

    def test_constant_templates_come_to_what_jinja_renders(self):
        writer = Writer(random.Random(SEED))
        sources = [writer.template() for _ in range(COUNT)]
        wrong, followed, rendered = [], 0, 0
        environment = self.environment()
        for source, ours in zip(sources, self.ours(sources)):
            theirs = render(environment, source)
            if theirs is None:
                continue
            rendered += 1
            followed += ours != "?"
            if ours not in ("?", theirs):
                wrong.append((source, ours, theirs))
        self.assertEqual(wrong[:10], [])
        self.assertGreater(followed, rendered * 0.8)

    def test_both_refuse_the_same_templates(self):
        writer = Writer(random.Random(SEED + 1))
        rng = random.Random(SEED + 2)
        sources = []
        for _ in range(COUNT // 2):
            source = list(writer.template())
            for _ in range(rng.randrange(1, 4)):
                at = rng.randrange(len(source))
                source[at:at + rng.randrange(2)] = rng.choice(["", "{", "}", "(", ")", "'", "|", "%", " if ", ",", "[", "]", "~", "."])
            sources.append("".join(source))
        wrong = []
        environment = self.environment()
        for source, ours in zip(sources, self.ours(sources)):
            try:
                environment.parse(source)
                theirs = True
            except jinja2.TemplateSyntaxError:
                theirs = False
            if theirs and ours == "!":
                wrong.append(source)
        self.assertEqual(wrong[:10], [])


if __name__ == "__main__":
    unittest.main()
