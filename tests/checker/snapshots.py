"""PostgreSQL's snapshots in their text form, xmin:xmax:xip,xip,..."""


class Snapshot:
    def __init__(self, text):
        xmin, xmax, in_progress = text.split(":")
        self.xmin, self.xmax = int(xmin), int(xmax)
        self.in_progress = {int(x) for x in in_progress.split(",") if x}

    def sees(self, xid):
        return xid < self.xmax and xid not in self.in_progress

    def sees_all_of(self, other):
        """Whether every transaction visible in `other` is visible here too."""
        return self.xmax >= other.xmax and not any(other.sees(xid) for xid in self.in_progress)
