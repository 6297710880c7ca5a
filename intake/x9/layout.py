"""Record layouts of X9.37 DSTU and X9.100-187: one table per record type, and nothing else.

A field is its name, its length in bytes (or the name of the field that holds the length), its
type and its use. Types: ``N`` numeric, right-justified and zero-filled; ``NB`` numeric or blank;
``A``/``AN``/``ANS`` left-justified, blank-filled; ``NBSM``/``NBSMOS`` MICR fields, right-justified
and blank-filled; ``B`` reserved blanks; ``BIN`` bytes that are never translated. Use: ``M``
mandatory, ``C`` conditional; an unused conditional field is blank, whatever its type, which is
why blank and zero stay distinct everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

FieldType = Literal["N", "NS", "NB", "A", "AN", "ANS", "NBSM", "NBSMOS", "B", "BIN"]
Use = Literal["M", "C"]


@dataclass(frozen=True, slots=True)
class F:
    """One field of a record; ``length`` is bytes, or the name of the field that counts them."""

    name: str
    length: int | str
    type: FieldType
    use: Use


@dataclass(frozen=True, slots=True)
class RecordSpec:
    """One record layout; ``layout`` is its key, ``type`` its two digits, ``length`` its bytes.

    ``length`` counts the fixed fields only; ``variable`` says that length fields add to it,
    ``binary`` that some field is not text.
    """

    layout: str
    title: str
    fields: tuple[F, ...]
    type: str = field(init=False)
    length: int = field(init=False)
    variable: bool = field(init=False)
    binary: bool = field(init=False)
    slices: tuple[tuple[str, int, int], ...] = field(init=False)

    def __post_init__(self) -> None:
        fixed = [f.length for f in self.fields if isinstance(f.length, int)]
        object.__setattr__(self, "type", self.layout[:2])
        object.__setattr__(self, "length", sum(fixed))
        object.__setattr__(self, "variable", len(fixed) < len(self.fields))
        object.__setattr__(self, "binary", any(f.type == "BIN" for f in self.fields))
        slices, start = [], 0
        for f in self.fields if not self.variable else ():
            assert isinstance(f.length, int)  # noqa: S101 - narrows; `variable` says the same
            slices.append((f.name, start, start + f.length))
            start += f.length
        object.__setattr__(self, "slices", tuple(slices))


_ADDENDUM_A = (
    F("record_type", 2, "N", "M"),
    F("record_number", 1, "N", "M"),
    F("bofd_routing", 9, "N", "M"),
    F("bofd_endorsement_date", 8, "N", "M"),
    F("bofd_item_sequence", 15, "NB", "C"),
    F("bofd_account", 18, "ANS", "C"),
    F("bofd_branch", 5, "ANS", "C"),
    F("payee_name", 15, "ANS", "C"),
    F("truncation_indicator", 1, "A", "M"),
    F("bofd_conversion", 1, "AN", "C"),
    F("bofd_correction", 1, "N", "C"),
    F("user_field", 1, "ANS", "C"),
    F("reserved", 3, "B", "M"),
)

_ADDENDUM_IMAGE_KEY = (
    F("record_type", 2, "N", "M"),
    F("image_ref_key_indicator", 1, "N", "M"),
    F("microfilm_archive_sequence", 15, "NB", "C"),
    F("len_image_ref_key", 4, "NB", "M"),
    F("image_ref_key", "len_image_ref_key", "ANS", "C"),
    F("description", 15, "ANS", "C"),
    F("user_field", 4, "ANS", "C"),
    F("reserved", 5, "B", "M"),
)

_ADDENDUM_ENDORSEMENT = (
    F("record_type", 2, "N", "M"),
    F("record_number", 2, "N", "M"),
    F("endorsing_routing", 9, "N", "M"),
    F("endorsement_date", 8, "N", "M"),
    F("endorsing_item_sequence", 15, "NB", "M"),
    F("truncation_indicator", 1, "A", "M"),
    F("conversion_indicator", 1, "AN", "C"),
    F("correction_indicator", 1, "N", "C"),
    F("return_reason", 1, "AN", "C"),
    F("user_field", 19, "ANS", "C"),
    F("endorsing_bank_id", 1, "N", "C"),
    F("reserved", 20, "B", "M"),
)

SPECS: tuple[RecordSpec, ...] = (
    RecordSpec(
        "01",
        "File Header",
        (
            F("record_type", 2, "N", "M"),
            F("standard_level", 2, "N", "M"),
            F("test_indicator", 1, "A", "M"),
            F("immediate_destination_routing", 9, "N", "M"),
            F("immediate_origin_routing", 9, "N", "M"),
            F("file_creation_date", 8, "N", "M"),
            F("file_creation_time", 4, "N", "M"),
            F("resend_indicator", 1, "A", "M"),
            F("immediate_destination_name", 18, "ANS", "C"),
            F("immediate_origin_name", 18, "ANS", "C"),
            F("file_id_modifier", 1, "AN", "C"),
            F("country_code", 2, "A", "C"),
            F("user_field", 4, "ANS", "C"),
            F("companion_document_indicator", 1, "AN", "C"),
        ),
    ),
    RecordSpec(
        "10",
        "Cash Letter Header",
        (
            F("record_type", 2, "N", "M"),
            F("collection_type", 2, "N", "M"),
            F("destination_routing", 9, "N", "M"),
            F("ece_institution_routing", 9, "N", "M"),
            F("business_date", 8, "N", "M"),
            F("creation_date", 8, "N", "M"),
            F("creation_time", 4, "N", "M"),
            F("record_type_indicator", 1, "A", "M"),
            F("documentation_type", 1, "AN", "C"),
            F("cash_letter_id", 8, "AN", "M"),
            F("originator_contact_name", 14, "ANS", "C"),
            F("originator_contact_phone", 10, "N", "C"),
            F("fed_work_type", 1, "AN", "C"),
            F("returns_indicator", 1, "A", "C"),
            F("user_field", 1, "ANS", "C"),
            F("reserved", 1, "B", "M"),
        ),
    ),
    RecordSpec(
        "20",
        "Bundle Header",
        (
            F("record_type", 2, "N", "M"),
            F("collection_type", 2, "N", "M"),
            F("destination_routing", 9, "N", "M"),
            F("ece_institution_routing", 9, "N", "M"),
            F("business_date", 8, "N", "M"),
            F("creation_date", 8, "N", "M"),
            F("bundle_id", 10, "AN", "C"),
            F("bundle_sequence", 4, "NB", "C"),
            F("cycle_number", 2, "AN", "C"),
            F("return_location_routing", 9, "N", "C"),
            F("user_field", 5, "ANS", "C"),
            F("reserved", 12, "B", "M"),
        ),
    ),
    RecordSpec(
        "25",
        "Check Detail",
        (
            F("record_type", 2, "N", "M"),
            F("aux_on_us", 15, "NBSM", "C"),
            F("epc", 1, "NS", "C"),
            F("payor_routing8", 8, "N", "M"),
            F("payor_check_digit", 1, "N", "M"),
            F("on_us", 20, "NBSMOS", "C"),
            F("item_amount", 10, "N", "M"),
            F("ece_item_sequence", 15, "NB", "M"),
            F("documentation_type", 1, "AN", "C"),
            F("return_acceptance", 1, "AN", "C"),
            F("micr_valid", 1, "N", "C"),
            F("bofd_indicator", 1, "A", "M"),
            F("addendum_count", 2, "N", "M"),
            F("correction_indicator", 1, "N", "C"),
            F("archive_type", 1, "AN", "C"),
        ),
    ),
    RecordSpec("26", "Check Detail Addendum A", _ADDENDUM_A),
    RecordSpec("27", "Check Detail Addendum B", _ADDENDUM_IMAGE_KEY),
    RecordSpec("28", "Check Detail Addendum C", _ADDENDUM_ENDORSEMENT),
    RecordSpec(
        "31",
        "Return",
        (
            F("record_type", 2, "N", "M"),
            F("payor_routing8", 8, "N", "M"),
            F("payor_check_digit", 1, "N", "M"),
            F("on_us", 20, "NBSMOS", "C"),
            F("item_amount", 10, "N", "M"),
            F("return_reason", 1, "AN", "M"),
            F("addendum_count", 2, "N", "M"),
            F("documentation_type", 1, "AN", "C"),
            F("forward_bundle_date", 8, "N", "C"),
            F("ece_item_sequence", 15, "NB", "C"),
            F("epc", 1, "NS", "C"),
            F("return_notification", 1, "N", "C"),
            F("archive_type", 1, "AN", "C"),
            F("times_returned", 1, "N", "C"),
            F("reserved", 8, "B", "M"),
        ),
    ),
    RecordSpec("32", "Return Addendum A", _ADDENDUM_A),
    RecordSpec(
        "33",
        "Return Addendum B",
        (
            F("record_type", 2, "N", "M"),
            F("payor_bank_name", 18, "ANS", "C"),
            F("aux_on_us", 15, "NBSM", "C"),
            F("payor_bank_item_sequence", 15, "NB", "C"),
            F("payor_bank_business_date", 8, "N", "C"),
            F("payor_account_name", 22, "ANS", "C"),
        ),
    ),
    RecordSpec("34", "Return Addendum C", _ADDENDUM_IMAGE_KEY),
    RecordSpec("35", "Return Addendum D", _ADDENDUM_ENDORSEMENT),
    RecordSpec(
        "50",
        "Image View Detail",
        (
            F("record_type", 2, "N", "M"),
            F("image_indicator", 1, "N", "M"),
            F("image_creator_routing", 9, "N", "M"),
            F("image_creator_date", 8, "N", "M"),
            F("view_format", 2, "N", "C"),
            F("view_compression", 2, "N", "C"),
            F("view_data_size", 7, "N", "C"),
            F("view_side", 1, "N", "M"),
            F("view_descriptor", 2, "N", "M"),
            F("digital_signature_indicator", 1, "N", "C"),
            F("digital_signature_method", 2, "N", "C"),
            F("security_key_size", 5, "N", "C"),
            F("protected_data_start", 7, "N", "C"),
            F("protected_data_length", 7, "N", "C"),
            F("image_recreate", 1, "N", "C"),
            F("user_field", 8, "ANS", "C"),
            F("tiff_variance", 1, "AN", "C"),
            F("override_indicator", 1, "AN", "C"),
            F("reserved", 13, "B", "M"),
        ),
    ),
    RecordSpec(
        "52",
        "Image View Data",
        (
            F("record_type", 2, "N", "M"),
            F("ece_institution_routing", 9, "N", "M"),
            F("bundle_business_date", 8, "N", "M"),
            F("cycle_number", 2, "AN", "C"),
            F("ece_item_sequence", 15, "NB", "C"),
            F("security_originator", 16, "ANS", "C"),
            F("security_authenticator", 16, "ANS", "C"),
            F("security_key_name", 16, "ANS", "C"),
            F("clipping_origin", 1, "NB", "C"),
            F("clip_h1", 4, "N", "C"),
            F("clip_h2", 4, "N", "C"),
            F("clip_v1", 4, "N", "C"),
            F("clip_v2", 4, "N", "C"),
            F("len_image_ref_key", 4, "NB", "M"),
            F("image_ref_key", "len_image_ref_key", "ANS", "C"),
            F("len_digital_signature", 5, "NB", "M"),
            F("digital_signature", "len_digital_signature", "BIN", "C"),
            F("len_image_data", 7, "NB", "M"),
            F("image_data", "len_image_data", "BIN", "C"),
        ),
    ),
    RecordSpec(
        "54",
        "Image View Analysis",
        (
            F("record_type", 2, "N", "M"),
            F("global_image_quality", 1, "N", "M"),
            F("global_image_usability", 1, "N", "M"),
            F("imaging_bank_specific", 1, "N", "M"),
            F("partial_image", 1, "N", "C"),
            F("excessive_skew", 1, "N", "C"),
            F("piggyback", 1, "N", "C"),
            F("too_light_dark", 1, "N", "C"),
            F("streaks_bands", 1, "N", "C"),
            F("below_min_size", 1, "N", "C"),
            F("exceeds_max_size", 1, "N", "C"),
            F("reserved1", 13, "B", "M"),
            F("image_enabled_pod", 1, "N", "C"),
            F("source_doc_bad", 1, "N", "C"),
            F("date_usability", 1, "N", "C"),
            F("payee_usability", 1, "N", "C"),
            F("convenience_amount_usability", 1, "N", "C"),
            F("legal_amount_usability", 1, "N", "C"),
            F("signature_usability", 1, "N", "C"),
            F("payor_name_usability", 1, "N", "C"),
            F("micr_line_usability", 1, "N", "C"),
            F("memo_usability", 1, "N", "C"),
            F("payor_bank_name_usability", 1, "N", "C"),
            F("payee_endorsement_usability", 1, "N", "C"),
            F("bofd_endorsement_usability", 1, "N", "C"),
            F("transit_endorsement_usability", 1, "N", "C"),
            F("reserved2", 6, "B", "M"),
            F("user_field", 20, "ANS", "C"),
            F("reserved3", 15, "B", "M"),
        ),
    ),
    RecordSpec(
        "61A",
        "Credit (layout A)",
        (
            F("record_type", 2, "N", "M"),
            F("aux_on_us", 15, "NBSM", "C"),
            F("epc", 1, "ANS", "C"),
            F("posting_routing", 9, "N", "M"),
            F("account_on_us", 20, "NBSMOS", "M"),
            F("item_amount", 10, "N", "M"),
            F("ece_item_sequence", 15, "NB", "M"),
            F("documentation_type", 1, "AN", "C"),
            F("account_type", 1, "AN", "C"),
            F("source_of_work", 1, "N", "C"),
            F("work_type", 1, "AN", "C"),
            F("debit_credit", 1, "N", "C"),
            F("reserved", 3, "B", "M"),
        ),
    ),
    RecordSpec(
        "61B",
        "Credit/Reconciliation (layout B)",
        (
            F("record_type", 2, "N", "M"),
            F("record_usage", 1, "AN", "M"),
            F("aux_on_us", 15, "NBSM", "C"),
            F("epc", 1, "ANS", "C"),
            F("posting_routing", 9, "N", "M"),
            F("account_on_us", 20, "NBSMOS", "M"),
            F("item_amount", 10, "N", "M"),
            F("ece_item_sequence", 15, "NB", "C"),
            F("documentation_type", 1, "AN", "C"),
            F("account_type", 1, "AN", "C"),
            F("source_of_work", 2, "N", "C"),
            F("reserved", 3, "B", "M"),
        ),
    ),
    RecordSpec(
        "62",
        "Credit Item",
        (
            F("record_type", 2, "N", "M"),
            F("aux_on_us", 15, "NBSM", "C"),
            F("epc", 1, "NS", "C"),
            F("posting_routing", 9, "N", "M"),
            F("on_us", 20, "NBSMOS", "C"),
            F("item_amount", 14, "N", "M"),
            F("credit_item_sequence", 15, "NB", "C"),
            F("documentation_type", 1, "AN", "C"),
            F("account_type", 1, "AN", "C"),
            F("source_of_work", 2, "N", "C"),
            F("user_field", 16, "ANS", "C"),
            F("reserved", 4, "B", "M"),
        ),
    ),
    RecordSpec(
        "68",
        "User",
        (
            F("record_type", 2, "N", "M"),
            F("owner_id_indicator", 1, "AN", "M"),
            F("owner_id", 9, "ANS", "C"),
            F("owner_id_modifier", 20, "ANS", "C"),
            F("format_type", 3, "AN", "M"),
            F("format_version", 3, "N", "M"),
            F("len_user_data", 7, "N", "M"),
            F("user_data", "len_user_data", "ANS", "M"),
        ),
    ),
    RecordSpec(
        "70",
        "Bundle Control",
        (
            F("record_type", 2, "N", "M"),
            F("items", 4, "N", "M"),
            F("total_amount", 12, "N", "M"),
            F("micr_valid_total", 12, "N", "C"),
            F("images", 5, "N", "M"),
            F("user_field", 20, "ANS", "C"),
            F("credit_total_indicator", 1, "N", "C"),
            F("reserved", 24, "B", "M"),
        ),
    ),
    RecordSpec(
        "85",
        "Routing Number Summary",
        (
            F("record_type", 2, "N", "M"),
            F("routing", 9, "N", "M"),
            F("total_amount", 14, "N", "M"),
            F("items", 6, "N", "M"),
            F("user_field", 24, "ANS", "C"),
            F("reserved", 25, "B", "M"),
        ),
    ),
    RecordSpec(
        "90",
        "Cash Letter Control",
        (
            F("record_type", 2, "N", "M"),
            F("bundles", 6, "N", "M"),
            F("items", 8, "N", "M"),
            F("total_amount", 14, "N", "M"),
            F("images", 9, "N", "M"),
            F("ece_institution_name", 18, "ANS", "C"),
            F("settlement_date", 8, "N", "C"),
            F("credit_total_indicator", 1, "N", "C"),
            F("reserved", 14, "B", "M"),
        ),
    ),
    RecordSpec(
        "99",
        "File Control",
        (
            F("record_type", 2, "N", "M"),
            F("cash_letters", 6, "N", "M"),
            F("total_records", 8, "N", "M"),
            F("total_items", 8, "N", "M"),
            F("total_amount", 16, "N", "M"),
            F("contact_name", 14, "ANS", "C"),
            F("contact_phone", 10, "N", "C"),
            F("credit_total_indicator", 1, "N", "C"),
            F("reserved", 15, "B", "M"),
        ),
    ),
)

BY_LAYOUT: dict[str, RecordSpec] = {spec.layout: spec for spec in SPECS}
"""Layout key (the type, or ``61A`` and ``61B``) to its spec."""
