"""Typed tables, all named `mm_*`, on a base of our own so that a host's metadata stays its own."""

from mentormatch.models.account import Credential, SignInLink, SignInSession
from mentormatch.models.audit import AuditEvent
from mentormatch.models.base import Base
from mentormatch.models.feasibility import Feasibility
from mentormatch.models.opening import Concern, Opening
from mentormatch.models.outbox import Job, JobState, Message, MessageState
from mentormatch.models.person import Person
from mentormatch.models.programme import Criterion, Enrolment, EnrolmentState, Programme, Rule, Staff
from mentormatch.models.round import (
    LIVING,
    Decision,
    DecisionKind,
    Match,
    MatchOrigin,
    MatchState,
    Proposal,
    Round,
    RoundState,
    Run,
    RunState,
    Unmatched,
)
from mentormatch.models.run_scores import RunScores
from mentormatch.models.upload import Upload, UploadMapping, UploadState
from mentormatch.models.wish import Wish, WishKind, WishSheet

__all__ = [
    "LIVING",
    "AuditEvent",
    "Base",
    "Concern",
    "Credential",
    "Criterion",
    "Decision",
    "DecisionKind",
    "Enrolment",
    "EnrolmentState",
    "Feasibility",
    "Job",
    "JobState",
    "Match",
    "MatchOrigin",
    "MatchState",
    "Message",
    "MessageState",
    "Opening",
    "Person",
    "Programme",
    "Proposal",
    "Round",
    "RoundState",
    "Rule",
    "Run",
    "RunScores",
    "RunState",
    "SignInLink",
    "SignInSession",
    "Staff",
    "Unmatched",
    "Upload",
    "UploadMapping",
    "UploadState",
    "Wish",
    "WishKind",
    "WishSheet",
]
