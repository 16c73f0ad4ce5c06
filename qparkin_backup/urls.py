"""All addresses are the panel's, and so are the words of what goes wrong."""

from django.urls import include, path

urlpatterns = [path("", include("backups.urls"))]
handler400 = "backups.views.errors.bad_request"
handler500 = "backups.views.errors.broken"
