"""Which environment variables nobody but the operator sets for flows that Flint executes."""

import pytest

from runs_app.domain.variables import is_refused, template_problems, variable_problems

REFUSED = [
    *("PATH", "HOME", "SHELL", "BROWSER", "EDITOR", "PAGER", "IFS", "BASH_ENV", "PS4"),
    *("PYTHONPATH", "PYTHONSTARTUP", "PYTHONHOME", "PYTHONINSPECT", "PYTHONBREAKPOINT"),
    *("PYTHONPLATLIBDIR", "PYTHONEXECUTABLE", "PYTHONUSERBASE", "PYTHONWARNINGS", "PYTHON_X"),
    *("LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "DYLD_INSERT_LIBRARIES", "GCONV_PATH"),
    *("GLIBC_TUNABLES", "MALLOC_TRACE", "OPENSSL_CONF", "OPENSSL_MODULES", "LOCPATH"),
    *("NODE_OPTIONS", "PERL5OPT", "RUBYOPT", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS"),
    *("GIT_SSH_COMMAND", "GIT_CONFIG_COUNT", "GIT_EXEC_PATH", "PIP_INDEX_URL", "UV_INDEX_URL"),
    *("BASH_FUNC_ls%%", "path", "PythonPath", "ld_preload"),
]
TAKEN = [
    *("STAGE", "ENV", "BUCKET", "API_URL", "API_KEY", "AWS_REGION", "TZ", "LANG", "LC_ALL"),
    *("PREFECT_API_URL", "HTTP_PROXY", "https_proxy", "GIT_SHA", "NODE_ENV", "TMPDIR", "USER"),
    *("MY_PATH", "XPYTHON", "FLINT_X", "RUBY_VERSION", "LOAD", "REQUESTS_CA_BUNDLE"),
]


@pytest.mark.parametrize("name", REFUSED)
def test_what_decides_which_code_or_program_runs_is_refused(name: str) -> None:
    assert is_refused(name)


@pytest.mark.parametrize("name", TAKEN)
def test_what_configures_a_flow_is_taken(name: str) -> None:
    assert not is_refused(name)


def test_each_refused_variable_is_a_problem_at_its_place() -> None:
    found = variable_problems({"env": {"PATH": "x", "STAGE": "x", "LD_PRELOAD": None}})

    places = [problem.loc for problem in found]
    assert places == [("job_variables", "env", "PATH"), ("job_variables", "env", "LD_PRELOAD")]


@pytest.mark.parametrize("odd", [None, {}, {"env": None}, {"env": ["PATH"]}, {"env": "PATH"}, []])
def test_what_sets_no_variable_has_no_problem(odd: object) -> None:
    assert variable_problems(odd) == []
    assert template_problems({"job_configuration": odd, "variables": odd}) == []


def test_a_template_sets_variables_in_two_places() -> None:
    template = {
        "job_configuration": {"env": {"PATH": "x"}},
        "variables": {"properties": {"env": {"default": {"PYTHONPATH": "x", "STAGE": "x"}}}},
    }

    assert [problem.path for problem in template_problems(template)] == [
        "base_job_template.job_configuration.env.PATH",
        "base_job_template.variables.properties.env.default.PYTHONPATH",
    ]
