"""`sambruk rotate-keys`: writes every encrypted column again with the current key."""

from __future__ import annotations

from collections.abc import Callable


def rotate_all(say: Callable[[str], object]) -> int:
    """Rotate all principals' rows, batch by batch, telling ``say`` of each principal.

    Can be stopped and run again. Returns 0 when nothing is left under an old key, else 1: rows that others
    held meanwhile, for which it must be run again before the old key is removed.
    """
    import django

    django.setup()
    from sambruk.platform.identity.rotation import rotate
    from sambruk.platform.tenancy.models import Principal

    left = 0
    for principal in Principal.objects.order_by("code"):
        result = rotate(principal.id)
        remaining = sum(one.left for one in result)
        left += remaining
        say(f"{principal.name}: {sum(one.rows for one in result)} rader skrevs om, {remaining} återstår.")
    if left:
        say("Kör kommandot igen. Ta inte bort den gamla nyckeln än.")
        return 1
    say("Inget återstår. Den gamla nyckeln kan tas bort ur SAMBRUK_FIELD_KEYS.")
    return 0
