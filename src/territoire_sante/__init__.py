# SPDX-License-Identifier: Apache-2.0
"""Health cooperation in French territories."""
