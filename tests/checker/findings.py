"""What the rules found: how many of each kind, and the first of them in words."""

RULES = ("lost", "applied_twice", "disorder", "phantom", "torn", "unatomic", "altered", "unfenced",
         "moved_back", "kept_aside", "not_conserved")
SHOWN = 10


class Findings:
    def __init__(self):
        self.counts = dict.fromkeys(RULES, 0)
        self.first = {}

    def add(self, rule, text):
        self.counts[rule] += 1
        shown = self.first.setdefault(rule, [])
        if len(shown) < SHOWN:
            shown.append(text)

    def any(self):
        return any(self.counts.values())
