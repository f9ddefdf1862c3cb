from django.apps import AppConfig


class TriggersAppConfig(AppConfig):
    name = "triggers_app"
    default_auto_field = "django.db.models.BigAutoField"
