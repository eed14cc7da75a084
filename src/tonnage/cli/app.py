"""The application: commands, their order, and what happens to errors."""

import gc
import sys
from importlib import import_module

import cyclopts

from tonnage import __version__

EXIT_MET, EXIT_NOT_MET, EXIT_COULD_NOT_RUN, EXIT_INTERRUPTED = 0, 1, 2, 130

app = cyclopts.App(
    name="tonnage",
    help=(
        "How much load an AWS architecture carries, what gives way first, and what to change.\n\n"
        "Exit codes: 0 objectives met, 1 not met, 2 could not run."
    ),
    version=__version__,
    version_flags=["--version"],
    help_format="plaintext",
    suppress_keyboard_interrupt=False,
)
# Commands are imported only when they are called: `tonnage --help` must not wait for the engine.
app.command("tonnage.cli.review:command", name="review", help="Judge an architecture under its traffic, and advise.")
app.command("tonnage.cli.check:command", name="check", help="Check the files alone, without a simulation.")
app.command(
    "tonnage.cli.resilience:command", name="resilience", help="After a trigger comes and goes, does it recover?"
)
app.command("tonnage.cli.sensitivity:command", name="sensitivity", help="Which assumed quantities move the verdict?")
app.command("tonnage.cli.simulate:command", name="simulate", help="Replay the traffic through the scaling policies.")
app.command(
    "tonnage.cli.tune:command", name="tune", help="Find scaling settings that meet the objectives at least cost."
)
app.command(
    "tonnage.cli.break_even:command", name="break-even", help="The same work on EC2, Fargate, Lambda: who is cheaper?"
)
app.command("tonnage.cli.init:command", name="init", help="Write a first workload file for a template.")
app.command("tonnage.cli.services:command", name="services", help="List what is modelled, and what is assumed.")
app.command("tonnage.cli.catalog:catalog_app", name="catalog", help="Which types fit, and what is known of one.")
app.command("tonnage.cli.emit:emit_app", name="emit", help="Alarms, a dashboard, scaling, load tests.")
app.command("tonnage.cli.account:account_app", name="account", help="Read a live account into a template.")
app.command("tonnage.cli.apply_patch:command", name="apply-patch", help="Make the changes of a review's patch.")
app.command("tonnage.cli.apply:command", name="apply", help="Make a live account as its file says, and back.")
app.command("tonnage.cli.schema:command", name="schema", help="Print the JSON Schema of the workload file.")
app.command("tonnage.cli.warmup:command", name="warmup", help="Compile the engine now rather than at the first review.")


def main() -> None:
    """Run the command line; user mistakes end in one sentence and exit code 2."""
    errors = import_module("tonnage.workload.errors")
    try:
        code = app(sys.argv[1:], exit_on_error=False, print_error=False)
    except errors.InputError as error:
        sys.exit(_refused(str(error)))
    except cyclopts.CycloptsError as error:
        sys.exit(_refused(f"{error} See 'tonnage --help'."))
    except KeyboardInterrupt:
        print("interrupted: nothing was written", file=sys.stderr)  # noqa: T201
        sys.exit(EXIT_INTERRUPTED)
    # Numba's millions of objects need not be looked through for garbage at the exit: a quarter of a second.
    gc.freeze()
    sys.exit(code if isinstance(code, int) else EXIT_MET)


def _refused(sentence: str) -> int:
    print(f"tonnage: {sentence}", file=sys.stderr)  # noqa: T201
    return EXIT_COULD_NOT_RUN
