"""Environment variables that nobody but the operator sets for flows that Flint itself executes.

They decide which code is loaded, or which program runs: with one of them a name and a value
are enough to run anything as the flows' user. For work pools of other types that is the
business of their workers.

Source: Python's command line (`-E`), glibc's list of unsecure variables, and the manuals of the
programs that are named here.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from project.lib.problems import Loc, Problem

_BEGINNINGS = (
    *("PYTHON", "PIP_", "UV_", "CONDA_", "COVERAGE_PROCESS_"),
    *("LD_", "DYLD_", "GLIBC_", "MALLOC_", "GCONV_", "GETCONF_"),
    *("BASH_FUNC_", "GIT_CONFIG", "NPM_CONFIG_", "OPENSSL_"),
)
_NAMES = frozenset(
    {
        # where programs, and what belongs to a user, are found
        *("PATH", "HOME", "SHELL", "CDPATH", "IFS", "PATHEXT", "VIRTUAL_ENV", "ZDOTDIR"),
        *("XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_DATA_HOME", "XDG_DATA_DIRS"),
        # programs that others start
        *("BROWSER", "EDITOR", "VISUAL", "PAGER", "MANPAGER", "LESSOPEN", "LESSCLOSE"),
        *("SSH_ASKPASS", "SUDO_ASKPASS", "SUDO_EDITOR", "CC", "CXX", "CPP", "LDSHARED"),
        *("GIT_SSH", "GIT_SSH_COMMAND", "GIT_EXEC_PATH", "GIT_ASKPASS", "GIT_EDITOR"),
        *("GIT_SEQUENCE_EDITOR", "GIT_PAGER", "GIT_EXTERNAL_DIFF", "GIT_PROXY_COMMAND"),
        *("GIT_TEMPLATE_DIR", "GIT_DIR", "GIT_WORK_TREE"),
        # what shells run when they start
        *("BASH_ENV", "BASHOPTS", "SHELLOPTS", "PROMPT_COMMAND", "PS4", "FPATH"),
        # what other interpreters load
        *("PERL5LIB", "PERL5OPT", "PERL5DB", "PERLLIB", "RUBYLIB", "RUBYOPT", "GEM_PATH"),
        *("GEM_HOME", "NODE_OPTIONS", "NODE_PATH", "NODE_EXTRA_CA_CERTS", "LUA_INIT", "LUA_PATH"),
        *("LUA_CPATH", "R_PROFILE", "R_PROFILE_USER", "R_ENVIRON", "R_LIBS", "R_HOME"),
        *("JAVA_HOME", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH"),
        *("DOTNET_STARTUP_HOOKS", "CORECLR_PROFILER_PATH", "PHPRC", "PHP_INI_SCAN_DIR"),
        *("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_PATH", "PYTEST_ADDOPTS", "PYTEST_PLUGINS"),
        # what libraries load, and how names are looked up
        *("NLSPATH", "LOCPATH", "NIS_PATH", "TZDIR", "HOSTALIASES", "LOCALDOMAIN"),
        *("RES_OPTIONS", "RESOLV_HOST_CONF", "SSLKEYLOGFILE", "GTK_MODULES", "GTK_PATH"),
        *("GIO_EXTRA_MODULES", "QT_PLUGIN_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH"),
        # Flint's own
        *("DATABASE_URL", "REDIS_URL", "SECRET_KEY"),
    }
)


def is_refused(name: str) -> bool:
    """However it is written: no variable of a flow needs to differ from these by case only."""
    upper = name.upper()
    return upper in _NAMES or upper.startswith(_BEGINNINGS)


def refused_in(job_variables: Any) -> list[str]:
    """The names in `job_variables.env` that are refused."""
    env = job_variables.get("env") if isinstance(job_variables, Mapping) else None
    return [name for name in env if is_refused(str(name))] if isinstance(env, Mapping) else []


def variable_problems(job_variables: Any, *, loc: Loc = ("job_variables",)) -> list[Problem]:
    """What may not be set for runs of a pool of type `flint`, located below `loc`."""
    return [
        Problem((*loc, "env", name), refusal(name), "refused_variable")
        for name in refused_in(job_variables)
    ]


def template_problems(base_job_template: Any) -> list[Problem]:
    """The same for a pool: what its template sets, and what it sets where nothing is said."""
    template = base_job_template if isinstance(base_job_template, Mapping) else {}
    loc: Loc = ("base_job_template",)
    problems = variable_problems(template.get("job_configuration"), loc=(*loc, "job_configuration"))
    at: Sequence[str] = ("variables", "properties", "env")
    described: Any = template
    for part in at:
        described = described.get(part) if isinstance(described, Mapping) else None
    if isinstance(described, Mapping):
        default = {"env": described.get("default")}
        problems += [
            problem.at((*loc, *at, "default", *problem.loc[1:]))
            for problem in variable_problems(default, loc=())
        ]
    return problems


def refusal(name: str) -> str:
    return (
        f"`{name}` decides which code or program runs, so no deployment sets it for runs that "
        "Flint executes itself; set it in the flow, or use a pool of another type."
    )
