# SPDX-License-Identifier: Apache-2.0
"""Connectors ics and vcf: calendars and address books in a file or a folder."""
