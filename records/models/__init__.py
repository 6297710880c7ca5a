"""The tables, one file per family; importing this package makes all of them known."""

from records.models.accounts import (
    Account,
    AddressVersion,
    ImportRun,
    PayerMemory,
    PaymentPlan,
    Statement,
)
from records.models.acs import AcsFile
from records.models.addressing import AddressCandidate
from records.models.banking import (
    BankFile,
    BankLine,
    Deposit,
    DepositItem,
    Posting,
    PostingExport,
    ReturnedItem,
    Settlement,
)
from records.models.base import Base
from records.models.changes import AccountChange, ChangeExport
from records.models.chart_claims import ChartClaim, ChartClaimLine
from records.models.denials import Denial, DenialNote
from records.models.exceptions import DepositException
from records.models.finding import AccountHome, CommonAmount, HomeKey, IndexState
from records.models.flags import AccountFlag
from records.models.group import (
    ApiToken,
    BankAccount,
    Idempotency,
    LoginAttempt,
    Office,
    User,
    UserOffice,
    WebSession,
)
from records.models.held_parts import HeldPart, RemittedClaim
from records.models.jobs import Job
from records.models.judging import EvidenceWatch, MatchModel, MatchProof, MatchStratum
from records.models.layouts import PayerLayout
from records.models.ledger import AuditEvent, JournalEntry, JournalLine
from records.models.letters import CashLetter, CheckImage, PaperOriginals
from records.models.mail import (
    CustodyEvent,
    Document,
    MailTransaction,
    PageImage,
    Pickup,
    ReadingRow,
    ReceivedNotice,
    SourceFile,
)
from records.models.mailing import MailedBlock, MailedPiece
from records.models.payments import Allocation, Decision, KeyedValue, Payment, ReviewItem
from records.models.plays import ConfidentialAddress, PlayVersion, TaskText
from records.models.pms import PmsConnection
from records.models.proofs import DaySignature
from records.models.remittances import NoPartner, Remittance, RemittanceShare
from records.models.returned import (
    AddressTask,
    GuardedStep,
    Remail,
    ReturnedPiece,
    StatementHold,
    TaskAccount,
    TaskAttempt,
)
from records.models.statements import BankBalance, BankColumnMap
from records.models.undone import UndoneSettlement
from records.models.unmatched import UnmatchedReturn
from records.models.verifying import AddressRequest, AddressSend, AddressVerifier

__all__ = [
    "Account",
    "AccountChange",
    "AccountFlag",
    "AccountHome",
    "AcsFile",
    "AddressCandidate",
    "AddressRequest",
    "AddressSend",
    "AddressTask",
    "AddressVerifier",
    "AddressVersion",
    "Allocation",
    "ApiToken",
    "AuditEvent",
    "BankAccount",
    "BankBalance",
    "BankColumnMap",
    "BankFile",
    "BankLine",
    "Base",
    "CashLetter",
    "ChangeExport",
    "ChartClaim",
    "ChartClaimLine",
    "CheckImage",
    "CommonAmount",
    "ConfidentialAddress",
    "CustodyEvent",
    "DaySignature",
    "Decision",
    "Denial",
    "DenialNote",
    "Deposit",
    "DepositException",
    "DepositItem",
    "Document",
    "EvidenceWatch",
    "GuardedStep",
    "HeldPart",
    "HomeKey",
    "Idempotency",
    "ImportRun",
    "IndexState",
    "Job",
    "JournalEntry",
    "JournalLine",
    "KeyedValue",
    "LoginAttempt",
    "MailTransaction",
    "MailedBlock",
    "MailedPiece",
    "MatchModel",
    "MatchProof",
    "MatchStratum",
    "NoPartner",
    "Office",
    "PageImage",
    "PaperOriginals",
    "PayerLayout",
    "PayerMemory",
    "Payment",
    "PaymentPlan",
    "Pickup",
    "PlayVersion",
    "PmsConnection",
    "Posting",
    "PostingExport",
    "ReadingRow",
    "ReceivedNotice",
    "Remail",
    "Remittance",
    "RemittanceShare",
    "RemittedClaim",
    "ReturnedItem",
    "ReturnedPiece",
    "ReviewItem",
    "Settlement",
    "SourceFile",
    "Statement",
    "StatementHold",
    "TaskAccount",
    "TaskAttempt",
    "TaskText",
    "UndoneSettlement",
    "UnmatchedReturn",
    "User",
    "UserOffice",
    "WebSession",
]
