"""What is protected, from whom, and what is not."""

from survey.core.models import Mode
from survey.core.texts import texts
from survey.settings import get_settings
from survey.web.documents import Document, part, policy, render
from survey.web.phone.variant import Variant, languages


def privacy_page(variant: Variant, mode: Mode | None) -> Document:
    """What is protected, from whom, and what is not; the mode one came from first, the others folded."""
    say, settings, css = texts(variant.language), get_settings(), part("privacy.css")
    others = [one for one in Mode if one != mode]
    numbers = {
        "k": settings.k_scores,
        "others": settings.k_scores - 1,
        "k_remarks": settings.k_remarks,
        "host": settings.host_in(variant.language, settings.host_name),
    }

    def points(key: str) -> list[str]:
        return [say.say(one, **numbers) for one in say if one.startswith(f"privacy.{key}.")]

    switched = [
        {**one, "address": f"/privacy?lang={one['code']}" + (f"&mode={mode}" if mode else "")}
        for one in languages(variant)
    ]
    html = render(
        "privacy.html", live=False, say=say.say, points=points, mode=mode, others=others, languages=switched, privacy_css=css,
        host_name=numbers["host"], phone=settings.host_phone,
        persons=[(say[f"privacy.person.{one}"], say.say(f"privacy.against.{one}", **numbers)) for one in PERSONS],
    )  # fmt: skip
    return Document(html, policy(css, live=False))


PERSONS = ("official", "enterprise", "outsider", "thief")
