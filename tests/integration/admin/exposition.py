"""A strict reader of the text format that Prometheus scrapes (version 0.0.4), after its documentation."""
import re

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')
SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)")


class Wrong(Exception):
    pass


def read_labels(text):
    labels, rest = {}, text
    while rest:
        found = LABEL.match(rest)
        if not found or found.group(1) in labels:
            raise Wrong(f"labels {text}")
        labels[found.group(1)] = found.group(2)
        rest = rest[found.end():]
        if rest and not rest.startswith(","):
            raise Wrong(f"labels {text}")
        rest = rest[1:]
    return labels


def read(page):
    """{name: (type, help, [(labels, value)])}; raises Wrong at the first line that is."""
    if not page.endswith("\n"):
        raise Wrong("the last line does not end")
    families, now = {}, None
    for line in page[:-1].split("\n"):
        if line.startswith("# HELP "):
            now, help_text = line[7:].split(" ", 1)
            if not NAME.fullmatch(now) or now in families or not help_text:
                raise Wrong(line)
            families[now] = [None, help_text, []]
        elif line.startswith("# TYPE "):
            name, kind = line[7:].split(" ")
            if name != now or families[name][0] or kind not in ("counter", "gauge", "histogram"):
                raise Wrong(line)
            families[name][0] = kind
        else:
            read_sample(line, families, now)
    return {name: tuple(rest) for name, rest in families.items()}


def names_of(family, kind):
    """What its lines begin with."""
    if kind == "histogram":
        return tuple(family + part for part in ("_bucket", "_sum", "_count"))
    return (family,) if kind else ()


def histograms(samples):
    """{labels of one: ([(bound, cumulative count)], sum, count)}"""
    all_of = {}
    for labels, value in samples:
        key = tuple(sorted((k, v) for k, v in labels.items() if k not in ("__name__", "le")))
        one = all_of.setdefault(key, {"_bucket": [], "_sum": None, "_count": None})
        if labels["__name__"] == "_bucket":
            one["_bucket"].append((float(labels["le"]), value))
        else:
            one[labels["__name__"]] = value
    return {key: (one["_bucket"], one["_sum"], one["_count"]) for key, one in all_of.items()}


def lint_histogram(name, samples):
    for buckets, total, count in histograms(samples).values():
        counts = [c for _, c in buckets]
        if total is None or count is None or not buckets or buckets[-1] != (float("inf"), count):
            return [f"{name} has no bucket for all, no sum or no count"]
        if counts != sorted(counts) or [b for b, _ in buckets] != sorted(b for b, _ in buckets):
            return [f"{name} has buckets that are not cumulative"]
    return []


def read_sample(line, families, now):
    found = SAMPLE.fullmatch(line)
    names = names_of(now, families[now][0]) if now else ()
    if not found or found.group(1) not in names:
        raise Wrong(line)  # lines of a family stand together, behind its type
    labels = read_labels(found.group(2) or "")
    if families[now][0] == "histogram":
        labels["__name__"] = found.group(1)[len(now):]
        if (labels["__name__"] == "_bucket") != ("le" in labels):
            raise Wrong(line)
    if any(labels == other for other, _ in families[now][2]):
        raise Wrong(f"twice: {line}")
    families[now][2].append((labels, float(found.group(3))))


def lint(families):
    """What promtool would complain about."""
    found = []
    for name, (kind, _, samples) in families.items():
        if (kind == "counter") != name.endswith("_total"):
            found.append(f"{name} is a {kind}")
        if re.search(r"_(ms|milliseconds|minutes|kb|kib|mib|percent)(_|$)", name):
            found.append(f"{name} has no base unit")
        if kind == "histogram":
            found += lint_histogram(name, samples)
        if not samples:
            found.append(f"{name} has no sample")
        if kind == "counter" and any(value < 0 for _, value in samples):
            found.append(f"{name} is negative")
    return found
