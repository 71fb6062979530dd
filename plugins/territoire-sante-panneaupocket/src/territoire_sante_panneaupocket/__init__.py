# SPDX-License-Identifier: Apache-2.0
"""Connector panneaupocket: announcements to PanneauPocket through its management API."""
