"""All addresses are the panel's."""

from django.urls import include, path

urlpatterns = [path("", include("backups.urls"))]
