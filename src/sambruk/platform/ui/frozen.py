"""``{% frozen %}…{% endfrozen %}``: a part of a page that is the same for everybody, drawn once a language.

The frame of a page names some twenty files and says some forty sentences, which a template looks up anew for
each page. What stands inside may depend on nothing but the language: text, ``translate``, ``static``, ``url``
and our own components, with constant arguments. Anything else is refused when the template is read, so that
nobody's page can be shown to another.
"""

from __future__ import annotations

from django.template.base import FilterExpression, Node, NodeList, Parser, TextNode, Token
from django.template.context import Context
from django.template.defaulttags import URLNode
from django.template.exceptions import TemplateSyntaxError
from django.template.library import InclusionNode, SimpleBlockNode
from django.templatetags.i18n import TranslateNode
from django.templatetags.static import StaticNode
from django.utils.safestring import SafeString
from django.utils.translation import get_language

_COMPONENTS = "sambruk.platform.ui.templatetags.ui"


def _is_constant(value: FilterExpression) -> bool:
    """Say whether it is a literal without filters."""
    return not value.filters and getattr(value.var, "lookups", None) is None


def _stays(node: Node) -> bool:
    """Say whether the node draws the same for everybody who reads a language."""
    if isinstance(node, TranslateNode):
        return node.asvar is None and node.message_context is None and _is_constant(node.filter_expression)
    if isinstance(node, StaticNode):
        return node.varname is None and _is_constant(node.path)
    if isinstance(node, URLNode):
        arguments = [node.view_name, *node.args, *node.kwargs.values()]
        return node.asvar is None and all(_is_constant(one) for one in arguments)
    if isinstance(node, InclusionNode | SimpleBlockNode):
        # Our components draw what they are given and nothing else.
        return (
            node.func.__module__ == _COMPONENTS
            and not node.takes_context
            and all(_is_constant(one) for one in (*node.args, *node.kwargs.values()))
            and all(_stays(inner) for inner in getattr(node, "nodelist", ()))
        )
    return isinstance(node, TextNode)


class FrozenNode(Node):
    """Draws its nodes once for each language."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist
        self._drawn: dict[str | None, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        """Return what was drawn; nothing of the page's context is seen inside."""
        language = get_language()
        found = self._drawn.get(language)
        if found is None:
            found = self._drawn[language] = self.nodelist.render(context.new())
        return found


def frozen(parser: Parser, token: Token) -> FrozenNode:
    """Read the tag. Raises TemplateSyntaxError for what may differ from page to page."""
    nodelist = parser.parse(("endfrozen",))
    parser.delete_first_token()
    for node in nodelist:
        if not _stays(node):
            what = node.token.contents if node.token else type(node).__name__
            raise TemplateSyntaxError(f"{what!r} inside frozen may differ from page to page")
    return FrozenNode(nodelist)
