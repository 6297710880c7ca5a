"""Names of the elements of MIA and MOA: what Medicare says of a stay or an outpatient claim.

The same in 005010X221A1 and 004010X091A1. Amounts are kept as cents, the rest as written;
remark codes are kept with the claim's remarks.
"""

from __future__ import annotations

INPATIENT_TEXT = {1: "covered_days", 3: "lifetime_psychiatric_days", 15: "cost_report_days"}
INPATIENT_CENTS = {
    2: "operating_outlier_cents",
    4: "drg_cents",
    6: "disproportionate_share_cents",
    7: "secondary_payer_pass_through_cents",
    8: "capital_cents",
    9: "capital_federal_drg_cents",
    10: "capital_hospital_drg_cents",
    11: "capital_disproportionate_share_drg_cents",
    12: "old_capital_cents",
    13: "capital_medical_education_cents",
    14: "operating_hospital_drg_cents",
    16: "operating_federal_drg_cents",
    17: "capital_outlier_cents",
    18: "indirect_teaching_cents",
    19: "nonpayable_professional_cents",
    24: "capital_exception_cents",
}
INPATIENT_REMARKS = (5, 20, 21, 22, 23)
OUTPATIENT_TEXT = {1: "reimbursement_rate"}
OUTPATIENT_CENTS = {2: "hcpcs_payable_cents", 8: "esrd_cents", 9: "nonpayable_professional_cents"}
OUTPATIENT_REMARKS = (3, 4, 5, 6, 7)
