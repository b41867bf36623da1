"""Build hook: compiles the C sources of `curate/kernels/csrc` to one shared library beside them.

The library holds plain C functions that `curate.kernels.native` calls through ctypes, so that one wheel serves every
Python version of a platform and no Python header is needed: a C compiler is all. The digest of the sources is compiled
in, so that a library older than its sources is noticed when it is loaded.
"""

from __future__ import annotations

import os
import runpy
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

KERNELS = Path("curate") / "kernels"
SUFFIX = {"nt": ".dll"}.get(os.name, ".so")


class CompileKernels(BuildHookInterface):
    """Compiles the kernels into the source tree and tells hatchling to ship them in a wheel of this platform."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        kernels = Path(self.root) / KERNELS
        compile_kernels(kernels / "csrc", kernels / f"_native{SUFFIX}")
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform}"
        build_data["artifacts"].append(str(KERNELS / f"_native{SUFFIX}"))


def compile_kernels(sources: Path, library: Path, extra: tuple[str, ...] = ()) -> None:
    """Compile every C file of a folder to one shared library.

    Raises:
        SystemExit: there is no C compiler, or it refuses the sources; the message says what to install.
    """
    from setuptools._distutils.ccompiler import new_compiler
    from setuptools._distutils.errors import CCompilerError, DistutilsExecError, DistutilsPlatformError
    from setuptools._distutils.sysconfig import customize_compiler

    files = sorted(sources.glob("*.c"))
    compiler = new_compiler()
    if compiler.compiler_type == "msvc":  # the sources use what GCC and Clang share beyond C11
        compiler = new_compiler(compiler="mingw32")
    options = ["-O3", "-std=c11", "-fPIC", "-fno-math-errno", "-Wall", *extra]
    try:
        customize_compiler(compiler)
        digest = runpy.run_path(str(sources.with_name("source_digest.py")))["source_digest"](sources)
        with tempfile.TemporaryDirectory() as scratch:
            macros = [("CURATE_SOURCE_DIGEST", f'"{digest}"')]
            objects = compiler.compile(
                [str(file) for file in files], output_dir=scratch, macros=macros, extra_postargs=options
            )
            made = Path(scratch) / library.name
            compiler.link_shared_object(objects, str(made), extra_postargs=list(extra))
            _replace(made, library)
    except (CCompilerError, DistutilsExecError, DistutilsPlatformError) as error:
        raise SystemExit(
            f"curate could not compile its kernels ({error}); install a C compiler "
            "(Debian, Ubuntu: apt install gcc libc6-dev; macOS: xcode-select --install; Windows: MinGW-w64) "
            "or a wheel of curate that was built for this platform"
        ) from error


def _replace(made: Path, library: Path) -> None:
    """Put a new library in the place of one that a process may have loaded: a new file, never a changed one."""
    fresh = library.with_name(f".{library.name}.{os.getpid()}")
    fresh.write_bytes(made.read_bytes())
    fresh.replace(library)
