"""The war of `armistice new war`, solved by a program written for it alone.

What a scholar would write: numpy over all fronts, beliefs and offers at once, and a damped iteration for the logit replies. It knows this one
war and computes what the players expect at the start, nothing else.
"""
import numpy as np

BELIEFS = 9
HORIZON = 24
TOLERANCE = 1e-11
MOST_ITERATIONS = 5000

FRONTS = np.arange(-3, 4)
HELD = (FRONTS + 3) / 6
STEPS = np.arange(-2, 3)
# By type of the attacker, weak and strong.
UP = np.array([0.10, 0.30])
DOWN = np.array([0.25, 0.08])
BATTLE = ((-1, DOWN), (0, 1 - UP - DOWN), (1, UP))
GRID = np.linspace(0, 1, BELIEFS)
# No offer, and five that stand for one choice.
WEIGHTS = np.array([1] + [1 / len(STEPS)] * len(STEPS))


def logistic(x):
    return 1 / (1 + np.exp(-x))


def solve(patience, precision, attacker_cost, defender_cost, strong_prior):
    """Payoffs at the start: of the weak attacker, the strong one, and the defender."""
    inner = np.arange(1, len(FRONTS) - 1)[:, None, None]  # fronts at which the war goes on; axes: front, belief, offer
    share = HELD[inner]
    terms = np.clip(share + STEPS / 6, 0, 1)
    held = np.broadcast_to(HELD[:, None], (len(FRONTS), BELIEFS))
    values = [held, held, -held]

    def fight(after):
        """Payoffs of fighting on, where `after` is the probability that who fights on is strong."""
        later = [0, 0, 0]
        for move, p in BATTLE:
            public = after * p[1] + (1 - after) * p[0]
            at = after * p[1] / public * (BELIEFS - 1)
            cell = np.minimum(at.astype(int), BELIEFS - 2)
            for who, weight in enumerate((p[0], p[1], public)):
                low, high = values[who][inner + move, cell], values[who][inner + move, cell + 1]
                later[who] = later[who] + weight * (low + (at - cell) * (high - low))
        gain = (1 - patience) * share
        now = (gain - attacker_cost, gain - attacker_cost, -gain - defender_cost)
        return [flow + patience * value for flow, value in zip(now, later)]

    def after_fighting(fights, belief):
        public = belief * fights[1] + (1 - belief) * fights[0]
        return public, np.where(public > 0, belief * fights[1] / np.where(public > 0, public, 1), belief)

    odds = np.zeros((2, len(inner), BELIEFS, len(STEPS)))
    for left in reversed(range(HORIZON)):
        # The first month is solved at the prior itself, which need not be a grid point.
        belief = (GRID if left else np.array([strong_prior]))[None, :, None]
        if not left:
            odds = np.zeros((2, len(inner), 1, len(STEPS)))
        damping, before = np.ones(odds.shape[1:]), np.inf
        for _ in range(MOST_ITERATIONS):
            fights = logistic(odds)
            public, after = after_fighting(fights, belief)
            on = fight(after)
            answer = precision * (np.stack(on[:2]) - terms)
            gap = np.abs(logistic(answer) - fights).max(axis=0)
            if gap.max() < TOLERANCE:
                break
            damping = np.where(gap > 0.9 * before, np.maximum(0.7 * damping, 0.02), damping)
            before = gap
            odds = odds + damping * (answer - odds)
        else:
            raise ArithmeticError(f"replies {left} months before the end did not converge: {gap.max()}")
        offered = [(1 - fights[k]) * terms + fights[k] * on[k] for k in (0, 1)]
        offered.append((1 - public) * -terms + public * on[2])
        silent = fight(np.broadcast_to(belief, (len(inner), belief.shape[1], 1)))
        payoffs = [np.concatenate(pair, axis=2) for pair in zip(silent, offered)]
        talks = WEIGHTS * np.exp(precision * (payoffs[2] - payoffs[2].max(axis=2, keepdims=True)))
        talks /= talks.sum(axis=2, keepdims=True)
        new = [(talks * payoff).sum(axis=2) for payoff in payoffs]
        values = [np.concatenate([v[:1, : n.shape[1]], n, v[-1:, : n.shape[1]]]) for v, n in zip(values, new)]
    start = FRONTS.tolist().index(0)
    return tuple(float(value[start, 0]) for value in values)
