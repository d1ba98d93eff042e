"""Which principal a host name belongs to, remembered in the process for a minute."""

from __future__ import annotations

import copy
import threading
import time
from collections import OrderedDict

from sambruk.platform.tenancy.models import Hostname, Principal

#: A changed name or colour is seen everywhere after at most this long.
SECONDS = 60.0
#: Hosts that nobody has are remembered too; more than this is somebody guessing.
_MOST = 4096

_lock = threading.Lock()
_known: OrderedDict[str, tuple[float, Principal | None]] = OrderedDict()


def normalised(host: str) -> str:
    """Return a host name as it is stored: lower case, without port and final dot."""
    return host.strip().lower().partition(":")[0].rstrip(".")


def principal_of(host: str) -> Principal | None:
    """Return the principal at the host (with or without port), or None. At most one query a minute.

    The instance is the caller's own copy.
    """
    name = normalised(host)
    now = time.monotonic()
    with _lock:
        entry = _known.get(name)
    if entry is None or entry[0] <= now:
        found = Hostname.objects.select_related("principal").filter(host=name).first()
        entry = (now + SECONDS, found.principal if found else None)
        with _lock:
            _known[name] = entry
            _known.move_to_end(name)
            while len(_known) > _MOST:
                _known.popitem(last=False)
    return copy.copy(entry[1]) if entry[1] is not None else None


def forget() -> None:
    """Forget all hosts: a principal was changed here, or the process changes database."""
    with _lock:
        _known.clear()
