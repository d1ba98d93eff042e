"""What is drawn once for all may hold nothing of anybody's."""

from __future__ import annotations

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils.translation import override

ALIKE = (
    '{% load i18n static %}{% frozen %}<p>{% translate "Logga ut" %}</p>{% static "ui/app.js" %} '
    "{% url 'ui:accessibility' %}{% alert 'info' %}{% translate 'Logga in' %}{% endalert %}{% key 'n' %}"
    "{% endfrozen %}"
)


def test_it_draws_what_the_same_template_draws_without_it() -> None:
    plain = Template(ALIKE.replace("{% frozen %}", "").replace("{% endfrozen %}", "")).render(Context())
    template = Template(ALIKE)
    assert "<p>Logga ut</p>" in plain
    assert [template.render(Context({"x": n})) for n in range(3)] == [plain] * 3


def test_it_is_drawn_once_a_language() -> None:
    template = Template("{% load i18n %}{% frozen %}{% translate 'januari' %}{% endfrozen %}")
    node = template.nodelist[-1]
    for language in ("sv", "en", "sv"):
        with override(language):
            template.render(Context())
    assert sorted(node._drawn) == ["en", "sv"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "inside",
    [
        "{{ name }}",
        "{{ 'text' }}",
        "{% if 1 %}a{% endif %}",
        "{% csrf_token %}",
        "{% block a %}{% endblock %}",
        "{% include 'ui/base.html' %}",
        "{% translate name %}",
        "{% translate 'a' as b %}",
        "{% static name %}",
        "{% url name %}",
        "{% url 'cases:case' name %}",
        "{% key name %}",
        "{% commands_now name %}",
        "{% alert 'info' %}{{ name }}{% endalert %}",
        "{% alert kind=name %}a{% endalert %}",
        "{% blocktranslate %}a{% endblocktranslate %}",
        "{% now 'Y' %}",
    ],
)
def test_what_may_differ_from_page_to_page_is_refused(inside: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        Template("{% load i18n static %}{% frozen %}" + inside + "{% endfrozen %}")
