from django.urls import include, path

from accounts_app.web import account, sign_in

_account = [
    path("", account.account, name="one"),
    path("password/", account.password, name="password"),
    path("theme/", account.theme, name="theme"),
    path("keys/", account.create_key, name="create-key"),
    path("keys/<int:key_id>/revoke/", account.revoke_key, name="revoke-key"),
]
urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("account/", include((_account, "account"))),
]
