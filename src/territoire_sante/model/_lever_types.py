# SPDX-License-Identifier: Apache-2.0
"""The closed list of levers, by family (domain reference, 3.1)."""

from __future__ import annotations

from territoire_sante.model._labels import LabelledEnum


class LeverFamily(LabelledEnum):
    """The families under which authorities and teams talk about means."""

    COMMUNICATION = "communication", "Communication", "Communication"
    LOGISTICS = "logistics", "Logistique", "Logistics"
    PREMISES = "premises", "Locaux", "Premises"
    MOBILITY = "mobility", "Mobilité", "Mobility"
    HUMAN = "human", "Moyens humains", "People and services"
    FUNDING = "funding", "Financement", "Funding"
    KNOWLEDGE = "knowledge", "Connaissance du territoire", "Knowledge"
    GOVERNANCE = "governance", "Gouvernance", "Governance"


class LeverType(LabelledEnum):
    """A kind of means; each has one primary family, and a lever may name more."""

    POSTER = "poster", "Affichage", "Poster"
    LED_PANEL = "led_panel", "Panneau lumineux", "Light panel"
    MOBILE_APP = "mobile_app", "Application mobile (PanneauPocket…)", "Mobile app"
    SOCIAL_MEDIA = "social_media", "Réseaux sociaux", "Social media"
    BULLETIN = "bulletin", "Bulletin municipal", "Municipal bulletin"
    WEBSITE = "website", "Site internet", "Website"
    LOCAL_RADIO_PRESS = "local_radio_press", "Radio et presse locales", "Local radio and press"
    SCHOOL_CHANNEL = "school_channel", "Canal scolaire", "School channel"

    TENT = "tent", "Barnum", "Event tent"
    MUNICIPAL_STAFF = "municipal_staff", "Agents municipaux", "Municipal staff"
    SECURITY = "security", "Sécurité", "Security"
    FURNITURE_EQUIPMENT = "furniture_equipment", "Mobilier et matériel", "Furniture, equipment"
    SIGNAGE = "signage", "Signalétique", "Signage"
    CLEANING = "cleaning", "Nettoyage", "Cleaning"
    CATERING = "catering", "Restauration", "Catering"

    ROOM_LOAN = "room_loan", "Prêt de salle", "Room loan"
    CONSULTATION_ROOM = "consultation_room", "Cabinet de consultation", "Consultation room"
    LAND_OR_BUILDING = "land_or_building", "Terrain ou bâtiment", "Land or building"
    STORAGE = "storage", "Stockage", "Storage"
    PARKING_PITCH_WITH_POWER = (
        "parking_pitch_with_power",
        "Emplacement avec branchement électrique",
        "Parking pitch with power",
    )

    BUS_LINE = "bus_line", "Ligne de bus", "Bus line"
    SHUTTLE = "shuttle", "Navette", "Shuttle"
    ON_DEMAND_TRANSPORT = "on_demand_transport", "Transport à la demande", "On-demand transport"
    MEDICOBUS = "medicobus", "Médicobus", "Mobile surgery"
    SOLIDARITY_TRANSPORT = "solidarity_transport", "Transport solidaire", "Solidarity transport"
    CARPOOL = "carpool", "Covoiturage", "Car pool"
    VEHICLE_LOAN = "vehicle_loan", "Prêt de véhicule", "Vehicle loan"

    CHILDCARE = "childcare", "Crèche", "Childcare"
    ADAPTED_SPORT = "adapted_sport", "Sport adapté", "Adapted sport"
    INTERN_HOUSING = "intern_housing", "Studio pour internes", "Housing for interns"
    HEALTH_MEDIATOR = "health_mediator", "Médiateur en santé", "Health mediator"
    VOLUNTEER_NETWORK = "volunteer_network", "Réseau de bénévoles", "Volunteer network"
    SECRETARIAT = "secretariat", "Secrétariat", "Secretariat"

    SUBSIDY_OPERATING = "subsidy_operating", "Subvention de fonctionnement", "Operating grant"
    SUBSIDY_INVESTMENT = "subsidy_investment", "Subvention d'investissement", "Investment grant"
    INSTALLATION_AID = "installation_aid", "Aide à l'installation", "Installation aid"
    STUDENT_ALLOWANCE = "student_allowance", "Indemnité d'étude", "Student allowance"
    RENT_REDUCTION = "rent_reduction", "Réduction de loyer", "Rent reduction"

    DIAGNOSTIC = "diagnostic", "Diagnostic territorial", "Territorial diagnosis"
    PCS = "pcs", "Plan communal de sauvegarde", "Municipal safeguard plan"
    DIRECTORY = "directory", "Annuaire", "Directory"
    DATA = "data", "Données", "Data"
    ENGINEERING = "engineering", "Appui en ingénierie", "Engineering support"

    CONVENING = "convening", "Mise autour de la table", "Convening"
    POLITICAL_RELAY = "political_relay", "Relais politique", "Political relay"
    EPCI_MOBILISATION = "epci_mobilisation", "Mobilisation de l'EPCI", "Mobilising the EPCI"
    REFERENT = "referent", "Référent", "Named contact"

    @property
    def family(self) -> LeverFamily:
        """
        Its primary family.

        >>> LeverType.CHILDCARE.family.name
        'HUMAN'
        """
        return _FAMILY_OF[self]


_T = LeverType

_FAMILIES: dict[LeverFamily, tuple[LeverType, ...]] = {
    LeverFamily.COMMUNICATION: (
        _T.POSTER,
        _T.LED_PANEL,
        _T.MOBILE_APP,
        _T.SOCIAL_MEDIA,
        _T.BULLETIN,
        _T.WEBSITE,
        _T.LOCAL_RADIO_PRESS,
        _T.SCHOOL_CHANNEL,
    ),
    LeverFamily.LOGISTICS: (
        _T.TENT,
        _T.MUNICIPAL_STAFF,
        _T.SECURITY,
        _T.FURNITURE_EQUIPMENT,
        _T.SIGNAGE,
        _T.CLEANING,
        _T.CATERING,
    ),
    LeverFamily.PREMISES: (
        _T.ROOM_LOAN,
        _T.CONSULTATION_ROOM,
        _T.LAND_OR_BUILDING,
        _T.STORAGE,
        _T.PARKING_PITCH_WITH_POWER,
    ),
    LeverFamily.MOBILITY: (
        _T.BUS_LINE,
        _T.SHUTTLE,
        _T.ON_DEMAND_TRANSPORT,
        _T.MEDICOBUS,
        _T.SOLIDARITY_TRANSPORT,
        _T.CARPOOL,
        _T.VEHICLE_LOAN,
    ),
    # Nurseries and interns' flats are services and premises, but people in the
    # field file them here; Lever.secondary_families holds the other view.
    LeverFamily.HUMAN: (
        _T.CHILDCARE,
        _T.ADAPTED_SPORT,
        _T.INTERN_HOUSING,
        _T.HEALTH_MEDIATOR,
        _T.VOLUNTEER_NETWORK,
        _T.SECRETARIAT,
    ),
    LeverFamily.FUNDING: (
        _T.SUBSIDY_OPERATING,
        _T.SUBSIDY_INVESTMENT,
        _T.INSTALLATION_AID,
        _T.STUDENT_ALLOWANCE,
        _T.RENT_REDUCTION,
    ),
    LeverFamily.KNOWLEDGE: (_T.DIAGNOSTIC, _T.PCS, _T.DIRECTORY, _T.DATA, _T.ENGINEERING),
    LeverFamily.GOVERNANCE: (
        _T.CONVENING,
        _T.POLITICAL_RELAY,
        _T.EPCI_MOBILISATION,
        _T.REFERENT,
    ),
}

_FAMILY_OF = {kind: family for family, kinds in _FAMILIES.items() for kind in kinds}
