"""What the departments promise."""

import pytest

from shrinkwatch.world.departments import DEPARTMENTS, Department


@pytest.mark.parametrize("name", DEPARTMENTS)
def test_a_department_earns_a_margin_and_has_goods_in_several_sizes(name: str) -> None:
    department: Department = DEPARTMENTS[name]
    assert 0.3 < department.cost_share < 1
    assert len(department.goods) >= 2
    assert len(department.sizes) == 8
    assert all(factor > 0 for factor in department.goods.values())
