"""Nobody reads warnings where rules run: they are taken and forgotten."""

filters = []


def warn(message, category=None, stacklevel=1, source=None, *, skip_file_prefixes=()):
    pass


def warn_explicit(*args, **kwargs):
    pass


def simplefilter(*args, **kwargs):
    pass


def filterwarnings(*args, **kwargs):
    pass


def resetwarnings():
    pass


class catch_warnings:
    def __init__(self, *, record=False, **kwargs):
        self.record = record

    def __enter__(self):
        return [] if self.record else None

    def __exit__(self, *error):
        return None
