"""Habits, spells and rounds that look odd, as rows of the sheet: who or what, from when to when."""

from shrinkwatch.world.calendar import HABITS, SPELLS
from shrinkwatch.world.courtesy import house_card
from shrinkwatch.world.odd_habits import CHANGE_LANE, family
from shrinkwatch.world.odd_spells import TROUBLED_LANE
from shrinkwatch.world.papers import customer_id, loyalty_id
from shrinkwatch.world.shoppers import FIRST_EXEMPT, PER_STORE
from shrinkwatch.world.staff import slow_cashier
from shrinkwatch.world.traders import trader
from shrinkwatch.world.visits import Site

Oddity = tuple[str, str, str | None, int, int]
"""Kind, type and id of its subject (None: the whole store), first and last day."""

_WHOLE_STORE = ("store", None)


def odd_rows(site: Site) -> list[Oddity]:
    """Return the store's rows; the kinds of `HABITS` and `SPELLS`, and what customers do."""
    plan, last = site.calendar, site.days - 1
    found: list[Oddity] = [
        (kind, *_subject(kind, site), site.opens_on, last)
        for kind in HABITS
        if plan.has(kind, site.shop)
    ]
    for kind in SPELLS:
        span = plan.spell(kind, site.shop)
        if span is not None and span.last_day >= site.opens_on:
            found.append((kind, *_subject(kind, site), span.first_day, span.last_day))
    return found + _customers(site)


def _subject(kind: str, site: Site) -> tuple[str, str | None]:
    people, tills = site.staff.table["operator_id"], site.shop.registers()["register_id"]
    if kind == "change_lane":
        return ("register", tills[CHANGE_LANE])
    if kind == "terminal_trouble":
        return ("register", tills[TROUBLED_LANE])
    if kind == "slow_cashier":
        return ("operator", people[slow_cashier(site.staff)])
    if kind == "signs_for_all":
        return ("approver", people[site.staff.of_role("manager")[0]])
    if kind == "family_card":
        return ("loyalty", loyalty_id(family(site)[0]))
    return _WHOLE_STORE


def _customers(site: Site) -> list[Oddity]:
    """Return the traders who come by, the exempt buyer who comes most, and the store's own card."""
    here, last = site.shop.index, site.days - 1
    visits = [(who, day) for who, store, day in site.calendar.traders if store == here]
    found: list[Oddity] = []
    for who in sorted({who for who, _ in visits}):
        days = [day for one, day in visits if one == who]
        found.append(("trader", "customer", customer_id(trader(who)), min(days), max(days)))
    exempt = here * PER_STORE + FIRST_EXEMPT
    found.append(("exempt_buyer", "customer", customer_id(exempt), site.opens_on, last))
    card = house_card(site)
    if card is not None:
        found.append(("house_card", "loyalty", loyalty_id(card), site.opens_on, last))
    return found
