"""The second factor: an app that shows codes, passkeys, and codes on paper for the day neither is there.

django-allauth makes and checks apps and passkeys; here is who must have one, and what else has to hold.
"""
