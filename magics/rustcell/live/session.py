"""What one kernel has found, built and loaded so far: its memory between cells."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType

from rustcell.building import cache, dependencies
from rustcell.building.builds import Build
from rustcell.building.dependencies import OnProgress
from rustcell.building.recipe import Recipe
from rustcell.crates.crate import CrateSpec
from rustcell.crates.files import FileSet
from rustcell.errors import OptionsError
from rustcell.live.install import Installer
from rustcell.live.kernel import KernelFolder, open_folder
from rustcell.live.load import Overlay, family, load, relocate, switch_to
from rustcell.live.python_files import show_as
from rustcell.messages.diagnostics import Diagnostic
from rustcell.tools.toolchain import Toolchain


@dataclass
class _Loaded:
    build: Build
    spec: CrateSpec
    modules: dict[str, ModuleType]


@dataclass
class Session:
    """What one kernel has found, built and loaded so far."""

    root: Path
    kernel: KernelFolder
    overlay: Overlay = field(default_factory=Overlay)
    installer: Installer = field(default_factory=Installer)
    before_load: Callable[[Build, CrateSpec], None] = lambda _build, _spec: None
    on_messages: Callable[[CrateSpec, tuple[Diagnostic, ...]], None] = lambda _spec, _said: None
    owner: str = ""
    recipes: dict[Path, Recipe] = field(default_factory=dict)
    files: dict[str, FileSet] = field(default_factory=dict)
    _loaded: dict[str, _Loaded] = field(default_factory=dict)
    _current: dict[str, str] = field(default_factory=dict)
    _bound: dict[str, ModuleType] = field(default_factory=dict)
    _slots: dict[str, cache.Slot] = field(default_factory=dict)
    _locks: dict[object, str] = field(default_factory=dict)
    _tidied: bool = False

    @classmethod
    def start(cls) -> Session:
        """Open the cache for this process.

        Raises
        ------
        CacheError
            When the cache folder cannot be used.
        """
        root = cache.cache_root()
        kernel = open_folder(root)
        owner = os.environ.get("RUSTCELL_OWNER") or kernel.folder.name
        return cls(root=root, kernel=kernel, owner=owner)

    def output_folder(self) -> Path:
        """Return where this kernel's printed text passes through."""
        chosen = os.environ.get("RUSTCELL_LAST_WORDS")
        return Path(chosen) if chosen else self.kernel.folder

    def current(self) -> dict[str, Build]:
        """Return the builds that this kernel shows now, by module name."""
        return {name: self._loaded[folder].build for name, folder in self._current.items()}

    def given(self, name: str) -> FileSet:
        """Return the files that `%%rust_file` cells gave for a module."""
        return self.files.get(name, FileSet(name))

    def packages(self) -> set[str]:
        """Return the modules that are Python packages around their Rust part."""
        return {name for name, given in self.files.items() if given.mixed}

    def generations(self) -> list[tuple[Build, ModuleType]]:
        """Return all builds that this kernel has loaded with their modules, oldest first."""
        found = {}
        for known in self._loaded.values():
            module = known.modules[known.build.name]
            found[id(module)] = known.build, module
        return list(found.values())

    def bound(self, name: str, module: ModuleType | None = None) -> ModuleType | None:
        """Return the module that the namespace got last; with `module`, note that one."""
        if module is not None:
            self._bound[name] = module
        return self._bound.get(name)

    def remembered(self, key: str) -> Build | None:
        """Return this kernel's newest loaded build of `key` that is still true."""
        for loaded in reversed(self._loaded.values()):
            if loaded.build.key == key and loaded.build.outside.still_true(os.environ):
                return loaded.build
        return None

    def slot(self, base: Path) -> cache.Slot:
        """Return this kernel's slot on a base, taken once and held for its life."""
        if base.name not in self._slots:
            self._slots[base.name] = cache.take_slot(self.root, base)
        return self._slots[base.name]

    def discard(self, base: Path) -> None:
        """Remove a damaged base and this kernel's slot on it."""
        slot = self._slots.pop(base.name)
        slot.lock.release()
        cache.remove_entry(slot.folder)
        cache.remove_entry(base)

    def lock_of(
        self, spec: CrateSpec, toolchain: Toolchain, support: Path, on_progress: OnProgress
    ) -> str:
        """Return the resolved Cargo.lock of the cell's dependencies."""
        if spec.dependencies not in self._locks:
            self._locks[spec.dependencies] = dependencies.resolved_lock(
                spec, toolchain, self.root, support, on_progress
            )
        return self._locks[spec.dependencies]

    def show(self, build: Build, spec: CrateSpec) -> ModuleType:
        """Make `build` the module of its name: loaded, importable here and in children."""
        before = self._loaded.get(self._current.get(build.name, ""))
        if before is not None:
            before.modules.update(family(build.name))  # submodules that were imported since
        known = self._loaded.get(str(build.folder))
        if known is None:
            self.before_load(build, spec)
            module = load(build.name, build.folder, build.python_labels())
            self._loaded[str(build.folder)] = _Loaded(build, spec, family(build.name))
            self.kernel.note_builds([loaded.build.folder for loaded in self._loaded.values()])
        else:
            switch_to(build.name, known.modules)
            module = known.modules[build.name]
        self._current[build.name] = str(build.folder)
        self.overlay.show(build.name, build.folder)
        return module

    def shown(self, name: str) -> tuple[Build, CrateSpec]:
        """Return the build that this kernel shows as `name`, and its crate.

        Raises
        ------
        OptionsError
            When no cell of this kernel has built such a module.
        """
        if name not in self._current:
            raise OptionsError(
                f"this kernel has built no module {name!r}",
                "Run its %%rust_module cell first. `%rust_status` lists this kernel's modules.",
            )
        known = self._loaded[self._current[name]]
        return known.build, known.spec

    def enrich(self, build: Build) -> None:
        """Put `build`, the shown one with more files beside its library, in its place.

        What is loaded stays as it is, and so do its objects; children import from `build`.
        """
        known = self._loaded[self._current[build.name]]
        show_as(build.folder, build.python_labels())
        relocate(known.modules.values(), known.build.folder, build.folder)
        self._loaded[str(build.folder)] = replace(known, build=build)
        self._current[build.name] = str(build.folder)
        self.kernel.note_builds([loaded.build.folder for loaded in self._loaded.values()])
        self.overlay.show(build.name, build.folder)

    def forget(self, name: str) -> None:
        """Take the module away from this kernel's imports; its objects live on."""
        switch_to(name, {})
        self._current.pop(name, None)
        self.overlay.hide(name)

    def tidy_once(self) -> None:
        """Bring the cache below its limit, once a kernel and beside its work."""
        if self._tidied:
            return
        self._tidied = True

        def tidy() -> None:
            cache.sweep(self.root)
            cache.prune(self.root, cache.size_limit())

        threading.Thread(target=tidy, daemon=True).start()
