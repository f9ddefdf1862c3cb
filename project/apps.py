from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "project"
    label = "project"

    def ready(self) -> None:
        # Loaded here and not in the package, so that importing `project.lib` stays cheap.
        import project.celery  # noqa: F401
