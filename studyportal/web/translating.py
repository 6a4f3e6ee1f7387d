"""Show the pages' own words in the language of the visitor, by Flask-Babel and the catalogues of this package.

Templates mark their words with `{% trans %}` and `_()`; Python does with `gettext` of Flask-Babel while it answers a
request, and with `said` of `studyportal.saying` elsewhere. The study's own words come from its document and pass by.
"""

from collections.abc import Callable
from typing import Any

from babel.support import NullTranslations
from flask import Flask, flash, g, has_request_context
from flask_babel import Babel, Domain, get_translations
from jinja2 import pass_context
from jinja2.runtime import Context

from studyportal.saying import Sentence
from studyportal.web.here import here
from studyportal.web.languages import direction, locale_of, own_name, script_words, translations
from studyportal.web.words import mean


class _Catalogues(Domain):
    """The catalogues as this package reads them, instead of compiled files in a folder."""

    def get_translations(self) -> NullTranslations:
        if not has_request_context():
            return NullTranslations()
        if "catalogue" not in g:
            g.catalogue = translations(here().words)
        return g.catalogue  # type: ignore[no-any-return]


class _Babel(Babel):
    domain_instance = _Catalogues()


def install_translating(app: Flask) -> None:
    """Translate what templates and Python mark."""
    _Babel(configure_jinja=False).init_app(app, locale_selector=lambda: locale_of(here().words))
    environment = app.jinja_env
    environment.add_extension("jinja2.ext.i18n")
    # A text may go over several lines of a template.
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: get_translations().ugettext(text),
        ngettext=lambda one, many, number: get_translations().ungettext(one, many, number),
        newstyle=True,
    )
    for name in ("gettext", "ngettext"):
        environment.globals[name] = _marked(environment.globals[name])
    environment.finalize = in_words
    environment.globals.update(direction=direction, own_name=own_name, script_words=script_words)


def in_words(value: Any) -> Any:
    """A `Sentence` in the language of the visitor; anything else as it is. Applied to all that templates show."""
    if not isinstance(value, Sentence) or not value.template:
        return value
    catalogue = get_translations()
    if value.many is None:
        text = catalogue.ugettext(value.template)
    else:
        text = catalogue.ungettext(value.template, value.many, value.number)
    return text % {name: _value(one) for name, one in value.values.items()} if value.values else text


def _value(value: Any) -> Any:
    return mean(value) if isinstance(value, float) else in_words(value)


def tell(sentence: str) -> None:
    """Show a sentence on the next page."""
    flash(in_words(sentence))


def _marked(callable_: Callable[..., str]) -> Callable[..., str]:
    """What templates call for a marked text; sentences among its values are translated as well."""

    @pass_context
    def call(context: Context, *texts: Any, **values: Any) -> str:
        return callable_(context, *texts, **{name: _value(value) for name, value in values.items()})

    return call
