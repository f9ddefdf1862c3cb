"""Whether this worker was asked to stop: long tasks end early then, instead of being killed."""

import sys


def stop_requested() -> bool:
    """True in a Celery worker between the signal and its end; False everywhere else."""
    state = sys.modules.get("celery.worker.state")
    if state is None:
        return False
    # None until asked; then the exit code, which may be 0.
    return any(
        value is not None and value is not False
        for value in (state.should_stop, state.should_terminate)
    )
