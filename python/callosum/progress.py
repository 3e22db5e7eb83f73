"""Progress of long work: a bar with the time left on a terminal or in a notebook."""

import sys
import time

__all__ = ["Bar", "listener"]


def _in_notebook():
    shell = sys.modules.get("IPython")
    if shell is None or shell.get_ipython() is None:
        return False
    return shell.get_ipython().__class__.__name__ == "ZMQInteractiveShell"


def listener(always):
    """Whoever should be told: a Bar on a terminal or in a notebook, else None unless `always`."""
    if _in_notebook():
        return Bar(notebook=True)
    terminal = sys.stderr is not None and sys.stderr.isatty()
    return Bar(terminal=terminal) if terminal or always else None


def _duration(seconds):
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"


class Bar:
    """Shows progress on standard error, in place on a terminal, a line every five seconds
    otherwise, or as a cell's output in a notebook."""

    width = 30

    def __init__(self, terminal=False, notebook=False):
        self._terminal, self._notebook = terminal, notebook
        self._task, self._started, self._shown, self._display = None, 0.0, 0.0, None

    def __call__(self, task, done, total, detail):
        now = time.monotonic()
        share = done / total if total > 0 else 1.0
        if task != self._task:
            self._task, self._started, self._shown = task, now, 0.0
        finished = share >= 1
        patience = 0.1 if self._terminal or self._notebook else 5.0
        if not finished and now - self._shown < patience:
            return None
        self._shown = now
        self._show(self._line(task, share, detail, now - self._started), finished)
        return None

    def _line(self, task, share, detail, elapsed):
        full = int(share * self.width)
        bar = "█" * full + "░" * (self.width - full)
        if share >= 1:
            rest = f"done in {_duration(elapsed)}"
        elif share > 0 and elapsed > 0.5:
            rest = f"{_duration(elapsed * (1 - share) / share)} left"
        else:
            rest = ""
        return f"{task:<12}{bar} {100 * share:3.0f} %  {detail}  {rest}".rstrip()

    def _show(self, line, finished):
        if self._notebook:
            from IPython.display import display

            text = {"text/plain": line}
            if self._display is None:
                self._display = display(text, raw=True, display_id=True)
            else:
                self._display.update(text, raw=True)
        elif self._terminal:
            sys.stderr.write("\r\x1b[2K" + line + ("\n" if finished else ""))
            sys.stderr.flush()
        else:
            sys.stderr.write(line + "\n")
