"""`sambruk demo`: starts everything in order, keeps it running, and stops it in order."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from rich.console import Console

from sambruk.operations import ports
from sambruk.operations.demo import parts
from sambruk.operations.demo.parts import Setup
from sambruk.operations.errors import OperationError
from sambruk.operations.folder import DataFolder, default_folder
from sambruk.operations.postgres import EmbeddedPostgres
from sambruk.operations.processes import Supervisor


class Stopped(BaseException):
    """SIGTERM or Ctrl-C: not a fault, so nothing catches it on its way out."""


class Progress:
    """One line a step, with how long it took; at a terminal it also shows what the step is doing now."""

    def __init__(self, console: Console) -> None:
        self.console = console

    @contextmanager
    def step(self, doing: str, done: str) -> Iterator[Callable[[str], None]]:
        """Tell that a step begins, and when it is done; gives a function that takes what it is at."""
        begun = time.monotonic()
        if self.console.is_terminal:
            with self.console.status(f"{doing} …") as status:
                yield lambda detail: status.update(f"{doing} … [dim]{detail.strip()}[/dim]")
        else:
            self.say(f"  {doing} …")
            yield lambda detail: None
        self.console.print(f"✓ {done} [dim]({time.monotonic() - begun:.1f} s)[/dim]", highlight=False)

    def say(self, text: str) -> None:
        """Print a line."""
        self.console.print(text, highlight=False, markup=False)


def run(*, fresh: bool, port: int, data: Path | None, check: bool, json_file: Path | None) -> int:
    """Run the demo until it is stopped, or with ``check`` until its main job has been played.

    Returns the exit status. Raises OperationError or DataFolderError with one sentence. Whatever happens,
    every process that was started is stopped.
    """
    progress = Progress(Console(stderr=check))
    with _signals(), ExitStack() as stack:
        try:
            return _run(stack, progress, fresh=fresh, port=port, data=data, check=check, json_file=json_file)
        except (Stopped, KeyboardInterrupt):
            # From here on a second Ctrl-C must not leave anything running.
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            progress.say("Stoppar …")
            stack.close()
            progress.say("Allt är stoppat. Data finns kvar till nästa gång.")
            return 0


def _run(
    stack: ExitStack,
    progress: Progress,
    *,
    fresh: bool,
    port: int,
    data: Path | None,
    check: bool,
    json_file: Path | None,
) -> int:
    # A check needs no particular port; somebody's own demo may well run on the usual one.
    if check and not ports.is_free(port):
        port = ports.any_free()
    # The parts of a demo that was killed stop by themselves, a second later.
    ports.wait_free(port, 2)
    ports.require(port, "./sambruk demo")
    if check and data is None:
        # The check plays a whole household's month, which can be applied for once: it begins anew each time,
        # in a folder of its own beside the demo's.
        data, fresh = default_folder().with_name(f"{default_folder().name}-check"), True
    folder = stack.enter_context(DataFolder.open(data or default_folder(), fresh=fresh))
    postgres = EmbeddedPostgres(folder.path)
    with progress.step("Startar databasen", "Databasen är igång"):
        stack.callback(postgres.stop)
        postgres.start()
        postgres.watch(lambda: progress.say("Databasen stannade och är igång igen."))
    supervisor = Supervisor(progress.say)
    stack.callback(supervisor.stop)
    setup = Setup.of(folder, postgres.urls, port)
    _start(supervisor, setup, progress)
    address = f"http://localhost:{port}/demo/"
    folder.announce(address)
    if check:
        from sambruk.operations.demo.check import play

        return play(setup, json_file=json_file)
    progress.console.print(f"\nÖppna [bold]{address}[/bold]\n", highlight=False)
    progress.say(f"Allt ligger i {folder.path}. Ctrl-C stoppar.")
    while True:
        supervisor.check()
        time.sleep(0.3)


def _start(supervisor: Supervisor, setup: Setup, progress: Progress) -> None:
    supervisor.start(parts.identity_provider(setup))
    supervisor.start(parts.mail(setup))
    with progress.step("Ordnar tabeller", "Databasen har rätt tabeller") as tell:
        _do(parts.migrate_command(), setup, "migrate", tell)
    # They need the tables alone, and start while the data is loaded.
    supervisor.start(parts.web(setup))
    supervisor.start(parts.worker(setup))
    with progress.step("Läser in kommunerna", "Kommuner, personal och invånare är inlästa") as tell:
        _do(parts.load_command(), setup, "load", tell)
    with progress.step("Startar webben", "Webben, jobben, e-posten och testlegitimationen svarar"):
        for name in (parts.IDP, parts.MAIL, parts.WEB, parts.WORKER):
            supervisor.wait_ready(name)


def _do(command: list[str], setup: Setup, name: str, say: Callable[[str], None]) -> None:
    """Run a command to its end, passing on what it says; a failure is one sentence and its log."""
    log = setup.log(name)
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(  # noqa: S603 - our own commands
            command,
            env=setup.environment(owner=True),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
        try:
            for line in process.stdout or ():
                say(line.rstrip())
            code = process.wait()
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    if code:
        lines = [line for line in log.read_text(encoding="utf-8").splitlines() if line.strip()]
        raise OperationError(f"Starten misslyckades: {lines[-1] if lines else f'felkod {code}'} Se {log}.")


@contextmanager
def _signals() -> Iterator[None]:
    """SIGTERM stops as Ctrl-C does."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
