"""What callosum raises. Every error has the attributes `where`, `what`, `got`, `expected`,
`nearest` (texts, some may be empty) and `location`: None, or (file, line, column, text) in the text
that the user wrote. Each is also the built-in exception that a Python programmer would expect."""

import builtins

__all__ = [
    "Error", "ErrorList", "FileError", "Interrupted", "NameError", "NumericalError",
    "ResourceError", "ShapeError", "SyntaxError", "UnitError", "UnsupportedError", "ValueError",
]


class Error(Exception):
    """Base of everything the library raises on purpose."""

    where = what = got = expected = nearest = ""
    location = None


class ErrorList(Error, builtins.ValueError):
    """Several errors of one text; `errors` holds them all."""

    errors = ()


class SyntaxError(Error, builtins.ValueError):
    """A text that cannot be read."""


class NameError(Error, builtins.LookupError):
    """An unknown, unused or doubled name; `nearest` is the likely one."""


class UnitError(Error, builtins.ValueError):
    """Dimensions that do not agree."""


class ValueError(Error, builtins.ValueError):
    """A value outside its range, or off the time grid."""


class ShapeError(Error, builtins.ValueError):
    """Sizes that do not fit together."""


class UnsupportedError(Error, builtins.NotImplementedError):
    """Legal, but not for this use."""


class NumericalError(Error, builtins.ArithmeticError):
    """NaN or infinity during a run."""


class FileError(Error, builtins.OSError):
    """A missing, unreadable or corrupt file."""


class ResourceError(Error, builtins.MemoryError):
    """Does not fit this machine."""


class Interrupted(Error):
    """Stopped because the progress listener returned False; all steps done are kept."""
