"""When what is counted: each department once in turn, and the whole store in one evening."""

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.world.visits import Site


def counting(site: Site, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return which items are counted on the evening of which day: (days, items).

    Departments are counted in a shuffled turn, spread over the period; the stocktake of the whole
    store falls into the period's second half. Only what the store sells is counted, and nothing
    before it opens.
    """
    names = site.goods.departments()
    sold = np.array(sorted(site.shop.format.departments))
    counted = np.zeros((site.days, names.size), dtype=np.bool_)
    turn = (np.arange(sold.size) + rng.random()) * site.days / sold.size
    for day, department in zip(turn.astype(int), rng.permutation(sold), strict=True):
        counted[min(day, site.days - 1), names == department] = True
    counted[int(rng.integers(site.days // 2, site.days)), np.isin(names, sold)] = True
    counted[: site.opens_on] = False
    return counted
