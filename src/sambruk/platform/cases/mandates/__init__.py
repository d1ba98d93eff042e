"""The pages of mandates: who acts for whom, added and ended by staff, seen and ended by the represented.

The mandate is identity's. Its pages stand here, since its scope names services, and the cases rest on it.
"""
