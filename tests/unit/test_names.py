"""Which names are refused, and which of the user's names follow a new build."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from rustcell.errors import NameRefusedError
from rustcell.live.names import refuse_shadowing, renew


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder like a notebook's: the working directory, and first on sys.path."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def refused(name, ours=()):
    with pytest.raises(NameRefusedError) as caught:
        refuse_shadowing(name, set(ours))
    assert caught.value.mend.startswith(
        f"Choose another name, for example: %%rust_module {name}_rs"
    )
    return caught.value


def test_a_new_name_is_free():
    refuse_shadowing("nobody_has_this_name", set())


@pytest.mark.parametrize("name", ["json", "sys", "os", "antigravity"])
def test_the_standard_library(name):
    assert "standard library" in refused(name).message


def test_an_installed_package_even_when_it_was_never_imported(monkeypatch):
    monkeypatch.delitem(sys.modules, "nbval", raising=False)
    error = refused("nbval")
    assert error.message.endswith("would hide a package that is installed in this environment")
    assert "site-packages" in error.mend
    assert "nbval" not in sys.modules


def test_an_imported_module_without_a_file(monkeypatch):
    monkeypatch.setitem(sys.modules, "made_by_hand", ModuleType("made_by_hand"))
    assert "imported already" in refused("made_by_hand").message


@pytest.mark.parametrize(
    ("path", "said"),
    [("shapes_x.py", "shapes_x.py"), ("shapes_y/__init__.py", "shapes_y/__init__.py")],
)
def test_a_file_beside_the_notebook(here, path, said):
    (here / path).parent.mkdir(exist_ok=True)
    (here / path).write_text("raise SystemExit('must not be run')")
    error = refused(path[:8])
    assert error.message.endswith(f"would hide {said} beside the notebook")
    assert str(here) not in error.message
    assert str(here) in error.mend


def test_a_folder_without_python_files_hides_nothing(here):
    (here / "shapes_z").mkdir()
    refuse_shadowing("shapes_z", set())


def test_our_own_build_is_no_obstacle(here, monkeypatch):
    build = here / "builds" / "key"
    (build / "geo_x").mkdir(parents=True)
    (build / "geo_x" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(build))
    import geo_x

    assert geo_x.__file__.startswith(str(build))
    refuse_shadowing("geo_x", {str(build)})
    refused("geo_x")
    monkeypatch.delitem(sys.modules, "geo_x")


def test_a_file_behind_our_build_is_still_seen(here, monkeypatch):
    build = here / "builds" / "key"
    (build / "geo_y").mkdir(parents=True)
    (build / "geo_y" / "__init__.py").write_text("")
    (here / "geo_y.py").write_text("")
    monkeypatch.syspath_prepend(str(build))
    path = list(sys.path)
    assert "geo_y.py beside" in refused("geo_y", [str(build)]).message
    assert sys.path == path


def module(name="geo", **attributes):
    made = ModuleType(name)
    vars(made).update(attributes)
    return made


def test_from_imported_names_follow():
    class OldShape: ...

    class NewShape: ...

    old, new = module(area=len, Shape=OldShape), module(area=max, Shape=NewShape)
    shape = OldShape()
    mine = {"area": len, "S": OldShape, "shape": shape, "other": print}
    renewed = renew(mine, old, new)
    assert mine == {"area": max, "S": NewShape, "shape": shape, "other": print}
    assert (renewed.renewed, renewed.stale) == (("S", "area"), ())


def test_an_alias_of_the_module_follows_silently_under_its_own_name():
    old, new = module(), module()
    mine = {"geo": old, "g": old}
    assert renew(mine, old, new).renewed == ("g",)
    assert mine == {"geo": new, "g": new}


def test_a_name_that_is_gone_stays_and_is_said():
    old, new = module(area=len), module()
    mine = {"area": len}
    assert renew(mine, old, new).stale == ("area",)
    assert mine == {"area": len}


def test_equal_numbers_are_no_evidence():
    old, new = module(SIDES=4, TRUE=True), module(SIDES=5, TRUE=False)
    mine = {"SIDES": 4, "four": 4, "flag": True}
    assert renew(mine, old, new).renewed == ("SIDES",)
    assert mine == {"SIDES": 5, "four": 4, "flag": True}


def test_history_is_left_alone():
    old, new = module(area=len), module(area=max)
    mine = {"_": len, "_3": len, "Out": len, "_area": len}
    renew(mine, old, new)
    assert mine == {"_": len, "_3": len, "Out": len, "_area": max}
