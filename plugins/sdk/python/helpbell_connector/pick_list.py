"""Lists of names that a PSA keeps: teams, statuses, categories. Fetched rarely, kept in the cache, searched
the way people write."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .call import Call
from .types import Choice

#: How many near misses are worth showing.
NEAREST = 3

# Seconds for which "not even in the fresh list" is believed. Short, because somebody will create the missing
# entry as soon as they read the correction; long enough that a wrong default costs no request per press.
_MISS_TTL_S = 600


@dataclass
class Entry:
    """One entry: what the API wants, what the screens show, another spelling, and what else is known."""

    id: str
    label: str
    also: str = ""
    kind: str = ""


@dataclass
class PickList:
    """A list in the PSA's order."""

    entries: list[Entry] = field(default_factory=list)

    def find(self, given: str) -> Entry | None:
        """The entry of this name, else of this id, else of this other spelling. Case and white space do not
        count. A name wins over an id, because a list may have an entry named `3`."""
        wanted = normalised(given)
        if not wanted:
            return None
        for name in ("label", "id", "also"):
            for entry in self.entries:
                if normalised(getattr(entry, name)) == wanted:
                    return entry
        return None

    def nearest(self, given: str) -> list[str]:
        """The labels most like what was given, best first; only those that could be meant."""
        return nearest(given, (entry.label for entry in self.entries))

    def choices(self) -> list[Choice]:
        """The entries as the contract's choices."""
        return [Choice(entry.id, entry.label) for entry in self.entries]


@dataclass
class Cached:
    """A list that lives in the cache under `key` for `ttl_s` seconds."""

    key: str
    ttl_s: int

    def get(self, call: Call, fetch: Callable[[], PickList]) -> tuple[PickList, bool]:
        """The kept list, else a fresh one, and whether it came from the cache."""
        kept = call.cached_json(self.key)
        try:
            if isinstance(kept, list):
                return PickList([Entry(*entry) for entry in kept]), True
        except TypeError:
            pass
        return self._refresh(call, fetch), False

    def look_up(self, call: Call, given: str, fetch: Callable[[], PickList]) -> tuple[PickList, Entry | None]:
        """The list in which `given` was looked for, and the entry if there is one. An entry that the kept list
        lacks is looked for in a fresh one too, but not more often than every ten minutes."""
        entries, kept = self.get(call, fetch)
        entry = entries.find(given)
        miss = f"{self.key}/miss/{_hash(normalised(given)):016x}"
        if entry or (not kept) or call.cached_json(miss):
            if not entry and not kept:
                call.cache_json(miss, True, _MISS_TTL_S)
            return entries, entry
        entries = self._refresh(call, fetch)
        entry = entries.find(given)
        if not entry:
            call.cache_json(miss, True, _MISS_TTL_S)
        return entries, entry

    def forget(self, call: Call) -> None:
        """Drops the kept list: the PSA refused something that came out of it."""
        call.forget(self.key)

    def _refresh(self, call: Call, fetch: Callable[[], PickList]) -> PickList:
        fresh = fetch()
        kept = [[entry.id, entry.label, entry.also, entry.kind] for entry in fresh.entries]
        call.cache_json(self.key, kept, self.ttl_s)
        return fresh


def nearest(given: str, names: Iterable[str]) -> list[str]:
    """The names most like `given`, at most `NEAREST`, best first. A name counts if at most half of it would
    have to be retyped, or if one contains the other."""
    wanted = normalised(given)
    best: set[tuple[int, str]] = set()
    for name in names if wanted else ():
        candidate = normalised(name)
        typos = _distance(wanted, candidate)
        contained = bool(candidate) and (candidate in wanted or wanted in candidate)
        if contained or typos * 2 <= max(len(wanted), len(candidate)):
            best.add((typos, name))
    return [name for _, name in sorted(best)[:NEAREST]]


def normalised(text: str) -> str:
    """Lower case, single blanks, none around `>`."""
    return ">".join(" ".join(level.split()) for level in text.split(">")).lower()


def _hash(text: str) -> int:
    """64-bit FNV-1a: a short, stable cache key out of a long text. Not for security."""
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) % (1 << 64)
    return value


def _distance(a: str, b: str) -> int:
    """How many characters have to be changed, added, dropped, or swapped with their neighbour."""
    before_last: list[int] = []
    last = list(range(len(b) + 1))
    for i, from_ in enumerate(a):
        row = [i + 1]
        for j, to in enumerate(b):
            least = min(last[j] + (from_ != to), last[j + 1] + 1, row[j] + 1)
            if i and j and a[i - 1] == to and b[j - 1] == from_:
                least = min(least, before_last[j - 1] + 1)
            row.append(least)
        before_last, last = last, row
    return last[-1]
