"""The kernels of the bounds: what the covers of each target are priced at, and what the budgets then buy."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def sum_prices(start, targets, prices, low, high, out):  # type: ignore[no-untyped-def]
    """Fill ``out[low:high]``: the sum of the prices of each candidate's targets."""
    for i in range(low, high):
        total = 0.0
        for p in range(start[i], start[i + 1]):
            total += prices[targets[p]]
        out[i] = total


@njit(cache=True, nogil=True)
def _buy(offer, cost, purse, group, free, rate, take, best, head):  # type: ignore[no-untyped-def]
    """Take of each group the candidate that is worth most above its cost at ``rate``; return the surplus."""
    surplus = 0.0
    best[:] = 0.0
    for i in range(len(cost)):
        take[i] = 0.0
        if free[i]:
            net = offer[i] - rate[purse[i]] * cost[i]
            g = group[i]
            if net > best[g]:
                best[g], head[g] = net, i
    for g in range(len(best)):
        if best[g] > 0.0:
            take[head[g]] = 1.0
            surplus += best[g]
    return surplus


@njit(cache=True, nogil=True)
def _spent(take, cost, purse, spent):  # type: ignore[no-untyped-def]
    spent[:] = 0.0
    for i in range(len(cost)):
        if take[i] > 0.0:
            spent[purse[i]] += cost[i]


@njit(cache=True, nogil=True)
def spend(offer, cost, purse, group, free, budget, rate, heads, halvings):  # type: ignore[no-untyped-def]
    """Buy for the budgets, parts allowed; change ``rate`` (value for a unit of money) to what clears each budget.

    Returns the parts taken of each candidate and an upper bound of what they are worth (any rate gives a bound).
    """
    size, purses = len(cost), len(budget)
    best, head = np.zeros(heads), np.zeros(heads, np.int64)
    much, few = np.zeros(size), np.zeros(size)
    spent_much, spent = np.zeros(purses), np.zeros(purses)
    low, high, open_ = np.zeros(purses), np.empty(purses), np.zeros(purses, np.bool_)
    for k in range(purses):
        high[k] = rate[k] * 1.25
        low[k] = rate[k] * 0.8
    zero = np.zeros(purses)
    _buy(offer, cost, purse, group, free, zero, much, best, head)
    _spent(much, cost, purse, spent_much)
    for k in range(purses):
        open_[k] = spent_much[k] > budget[k]
        if not open_[k]:
            low[k], high[k] = 0.0, 0.0
        elif high[k] <= 0.0:
            top = 0.0
            for i in range(size):
                if free[i] and purse[i] == k and cost[i] > 0.0:
                    top = max(top, offer[i] / cost[i])
            low[k], high[k] = 0.0, top
    if not open_.any():
        rate[:] = 0.0
        return much, _buy(offer, cost, purse, group, free, rate, few, best, head)
    for _ in range(60):  # widen until each budget lies between
        settled = True
        _buy(offer, cost, purse, group, free, high, few, best, head)
        _spent(few, cost, purse, spent)
        for k in range(purses):
            if open_[k] and spent[k] > budget[k]:
                low[k], high[k], settled = high[k], high[k] * 1.5, False
        if settled:
            break
    for _ in range(60):
        settled = True
        _buy(offer, cost, purse, group, free, low, much, best, head)
        _spent(much, cost, purse, spent_much)
        for k in range(purses):
            if open_[k] and spent_much[k] <= budget[k] and low[k] > 0.0:
                high[k], low[k], settled = low[k], low[k] / 1.5 if low[k] > 1e-12 * high[k] else 0.0, False
        if settled:
            break
    middle = np.empty(purses)
    for _ in range(halvings):
        for k in range(purses):
            middle[k] = 0.5 * (low[k] + high[k])
        _buy(offer, cost, purse, group, free, middle, few, best, head)
        _spent(few, cost, purse, spent)
        done = True
        for k in range(purses):
            if spent[k] > budget[k]:
                low[k] = middle[k]
            else:
                high[k] = middle[k]
            done = done and spent[k] == budget[k]
        if done:
            break
    _buy(offer, cost, purse, group, free, low, much, best, head)
    _spent(much, cost, purse, spent_much)
    surplus = _buy(offer, cost, purse, group, free, high, few, best, head)
    _spent(few, cost, purse, spent)
    for i in range(size):
        k = purse[i]
        if spent_much[k] > spent[k] and much[i] != few[i]:
            part = min(max((budget[k] - spent[k]) / (spent_much[k] - spent[k]), 0.0), 1.0)
            few[i] += part * (much[i] - few[i])
    for k in range(purses):
        rate[k] = high[k]
        if high[k] > 0.0:
            surplus += high[k] * budget[k]
    return few, surplus


@njit(cache=True, nogil=True)
def count_parts(start, targets, parts, covers):  # type: ignore[no-untyped-def]
    """Fill ``covers``: how many of the parts taken cover each target."""
    covers[:] = 0.0
    for i in range(len(parts)):
        if parts[i] > 0.0:
            for p in range(start[i], start[i + 1]):
                covers[targets[p]] += parts[i]


@njit(cache=True, nogil=True)
def unsold(weight, number, prices):  # type: ignore[no-untyped-def]
    """Return what targets are worth above the price of their covers."""
    total = 0.0
    for t in range(len(weight)):
        if number[t] > 0:
            total += max(0.0, weight[t] - number[t] * prices[t])
    return total


@njit(cache=True, nogil=True)
def turn_towards(weight, number, prices, covers, kept, towards):  # type: ignore[no-untyped-def]
    """Turn ``towards``: how the bound grows with each price, and the share ``kept`` of what stood there.

    A price stays in [0, weight / number]: where it may not go, nothing grows. Returns the sum of squares, each target's
    in measure of its weight, as the steps are.
    """
    square = 0.0
    for t in range(len(weight)):
        if number[t] == 0 or weight[t] <= 0.0:
            continue
        grows = covers[t] - number[t]
        if prices[t] * number[t] >= weight[t]:
            grows = max(0.0, grows)
        elif prices[t] <= 0.0:
            grows = min(0.0, grows)
        towards[t] = grows + kept * towards[t]
        square += weight[t] * towards[t] * towards[t]
    return square


@njit(cache=True, nogil=True)
def step_prices(weight, number, prices, towards, step):  # type: ignore[no-untyped-def]
    """Change the prices by ``step`` against ``towards``, each target in measure of its weight, within their range."""
    for t in range(len(weight)):
        if number[t] > 0 and towards[t] != 0.0:
            most = weight[t] / number[t]
            prices[t] = min(most, max(0.0, prices[t] - step * weight[t] * towards[t]))
