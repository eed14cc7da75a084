"""The control plane: what AWS would decide about capacity, from what AWS would see, no sooner than AWS would act.

One file per mechanism, all with the same face (``_face.py``); ``auto_scaling_group`` runs those of a group. Pure
Python without a clock, so that a simulation of requests and a coarse run of whole days drive the same code.
"""
