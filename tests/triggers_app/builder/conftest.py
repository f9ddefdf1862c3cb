from tests.web.fixtures import editor, fragment, plain_static_files, viewer

__all__ = ["editor", "fragment", "plain_static_files", "viewer"]
