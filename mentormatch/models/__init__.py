"""Typed tables, all named `mm_*`, on a base of our own so that a host's metadata stays its own."""

from mentormatch.models.account import Credential, SignInLink, SignInSession
from mentormatch.models.audit import AuditEvent
from mentormatch.models.base import Base
from mentormatch.models.outbox import Job, JobState, Message, MessageState
from mentormatch.models.person import Person
from mentormatch.models.programme import Criterion, Enrolment, EnrolmentState, Programme, Rule, Staff
from mentormatch.models.round import (
    Decision,
    DecisionKind,
    Match,
    MatchState,
    Proposal,
    Round,
    RoundState,
    Run,
    RunState,
    Unmatched,
)
from mentormatch.models.upload import Upload, UploadMapping, UploadState

__all__ = [
    "AuditEvent",
    "Base",
    "Credential",
    "Criterion",
    "Decision",
    "DecisionKind",
    "Enrolment",
    "EnrolmentState",
    "Job",
    "JobState",
    "Match",
    "MatchState",
    "Message",
    "MessageState",
    "Person",
    "Programme",
    "Proposal",
    "Round",
    "RoundState",
    "Rule",
    "Run",
    "RunState",
    "SignInLink",
    "SignInSession",
    "Staff",
    "Unmatched",
    "Upload",
    "UploadMapping",
    "UploadState",
]
