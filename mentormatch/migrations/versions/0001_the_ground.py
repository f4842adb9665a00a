"""The ground."""

import sqlalchemy as sa
from alembic import op

from mentormatch.models import base as types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mm_job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column(
            "state", sa.Enum("due", "done", "failed", name="jobstate", native_enum=False, length=32), nullable=False
        ),
        sa.Column("due_at", types.Moment(timezone=True), nullable=False),
        sa.Column("lease_owner", sa.String(length=64), nullable=False),
        sa.Column("lease_until", types.Moment(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.Column("created_at", types.Moment(timezone=True), nullable=False),
        sa.Column("finished_at", types.Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mm_job")),
        sa.UniqueConstraint("kind", "subject_id", name=op.f("uq_mm_job_kind_subject_id")),
    )
    with op.batch_alter_table("mm_job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mm_job_state_due_at"), ["state", "due_at"], unique=False)

    op.create_table(
        "mm_person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=False),
        sa.Column("family_name", sa.String(length=60), nullable=False),
        sa.Column("given_name", sa.String(length=60), nullable=False),
        sa.Column("family_kana", sa.String(length=60), nullable=False),
        sa.Column("given_kana", sa.String(length=60), nullable=False),
        sa.Column("romaji", sa.String(length=120), nullable=False),
        sa.Column("preferred_name", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("is_system_admin", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mm_person")),
        sa.UniqueConstraint("email_key", name=op.f("uq_mm_person_email_key")),
    )
    op.create_table(
        "mm_programme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("name_ja", sa.String(length=120), nullable=False),
        sa.Column("organisation_en", sa.String(length=120), nullable=False),
        sa.Column("organisation_ja", sa.String(length=120), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("tracks", types.Json(), nullable=False),
        sa.Column("choices", types.Json(), nullable=False),
        sa.Column("publish_delay", sa.Integer(), nullable=False),
        sa.Column("reminder_days", sa.Integer(), nullable=False),
        sa.Column("falls_through", sa.Boolean(), nullable=False),
        sa.Column("most_falls", sa.Integer(), nullable=False),
        sa.Column("sign_off", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mm_programme")),
        sa.UniqueConstraint("slug", name=op.f("uq_mm_programme_slug")),
    )
    op.create_table(
        "mm_audit_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", types.Moment(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("programme_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("detail", types.Json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["mm_person.id"], name=op.f("fk_mm_audit_event_actor_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["mm_programme.id"], name=op.f("fk_mm_audit_event_programme_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mm_audit_event")),
    )
    with op.batch_alter_table("mm_audit_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mm_audit_event_programme_id_at"), ["programme_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_mm_audit_event_subject"), ["subject"], unique=False)

    op.create_table(
        "mm_credential",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("changed_at", types.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["mm_person.id"], name=op.f("fk_mm_credential_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_mm_credential")),
    )
    op.create_table(
        "mm_criterion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("label_en", sa.String(length=80), nullable=False),
        sa.Column("label_ja", sa.String(length=80), nullable=False),
        sa.Column("intern_fields", types.Json(), nullable=False),
        sa.Column("host_fields", types.Json(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("weight >= 0", name=op.f("ck_mm_criterion_weight_not_negative")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["mm_programme.id"], name=op.f("fk_mm_criterion_programme_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mm_criterion")),
        sa.UniqueConstraint("programme_id", "key", name=op.f("uq_mm_criterion_programme_id_key")),
    )
    op.create_table(
        "mm_enrolment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "system_admin",
                "programme_admin",
                "coordinator",
                "mentor",
                "intern",
                "alumnus",
                name="role",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("active", "paused", "withdrawn", name="enrolmentstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("profile", types.Json(), nullable=False),
        sa.Column("created_at", types.Moment(timezone=True), nullable=False),
        sa.Column("updated_at", types.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_mm_enrolment_capacity_not_negative")),
        sa.CheckConstraint(
            "minimum >= 0 AND minimum <= capacity", name=op.f("ck_mm_enrolment_minimum_within_capacity")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["mm_person.id"], name=op.f("fk_mm_enrolment_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["mm_programme.id"], name=op.f("fk_mm_enrolment_programme_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mm_enrolment")),
        sa.UniqueConstraint(
            "programme_id", "person_id", "role", name=op.f("uq_mm_enrolment_programme_id_person_id_role")
        ),
    )
    with op.batch_alter_table("mm_enrolment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mm_enrolment_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_mm_enrolment_programme_id_role_state"), ["programme_id", "role", "state"], unique=False
        )

    op.create_table(
        "mm_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=100), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("facts", types.Json(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("due", "sent", "dropped", "expired", "failed", name="messagestate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("state_reason", sa.String(length=200), nullable=False),
        sa.Column("due_at", types.Moment(timezone=True), nullable=False),
        sa.Column("expires_at", types.Moment(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(length=64), nullable=False),
        sa.Column("lease_until", types.Moment(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.String(length=200), nullable=False),
        sa.Column("created_at", types.Moment(timezone=True), nullable=False),
        sa.Column("sent_at", types.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["mm_person.id"], name=op.f("fk_mm_message_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["mm_programme.id"], name=op.f("fk_mm_message_programme_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mm_message")),
        sa.UniqueConstraint(
            "reason", "revision", "person_id", "channel", name=op.f("uq_mm_message_reason_revision_person_id_channel")
        ),
    )
    with op.batch_alter_table("mm_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mm_message_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mm_message_state_due_at"), ["state", "due_at"], unique=False)

    op.create_table(
        "mm_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "open",
                "matching",
                "review",
                "publishing",
                "published",
                "closed",
                name="roundstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("opens_at", types.Moment(timezone=True), nullable=True),
        sa.Column("matching_at", types.Moment(timezone=True), nullable=True),
        sa.Column("publish_at", types.Moment(timezone=True), nullable=True),
        sa.Column("closes_at", types.Moment(timezone=True), nullable=True),
        sa.Column("answer_days", sa.Integer(), nullable=False),
        sa.Column("most_interns", sa.Integer(), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Moment(timezone=True), nullable=False),
        sa.Column("published_at", types.Moment(timezone=True), nullable=True),
        sa.Column("publishing_at", types.Moment(timezone=True), nullable=True),
        sa.Column("publishing_by", sa.Integer(), nullable=True),
        sa.Column("withheld", types.Json(), nullable=False),
        sa.Column("signed_run_id", sa.Integer(), nullable=True),
        sa.Column("signed_by", sa.Integer(), nullable=True),
        sa.Column("signed_at", types.Moment(timezone=True), nullable=True),
        sa.CheckConstraint("most_interns >= 1", name=op.f("ck_mm_round_somebody_for_each_host")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["mm_programme.id"], name=op.f("fk_mm_round_programme_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["publishing_by"], ["mm_person.id"], name=op.f("fk_mm_round_publishing_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["mm_run.id"], name=op.f("fk_mm_round_run_id"), ondelete="SET NULL", use_alter=True
        ),
        sa.ForeignKeyConstraint(
            ["signed_by"], ["mm_person.id"], name=op.f("fk_mm_round_signed_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["signed_run_id"],
            ["mm_run.id"],
            name=op.f("fk_mm_round_signed_run_id"),
            ondelete="SET NULL",
            use_alter=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mm_round")),
        sa.UniqueConstraint("programme_id", "number", name=op.f("uq_mm_round_programme_id_number")),
    )
    op.create_table(
        "mm_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("params", types.Json(), nullable=False),
        sa.Column("price", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("price >= 0 AND price <= 100", name=op.f("ck_mm_rule_price_in_points")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["mm_programme.id"], name=op.f("fk_mm_rule_programme_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mm_rule")),
        sa.UniqueConstraint("programme_id", "key", name=op.f("uq_mm_rule_programme_id_key")),
    )
    op.create_table(
        "mm_sign_in_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("next_path", sa.String(length=500), nullable=False),
        sa.Column("created_at", types.Moment(timezone=True), nullable=False),
        sa.Column("expires_at", types.Moment(timezone=True), nullable=False),
        sa.Column("used_at", types.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["mm_person.id"], name=op.f("fk_mm_sign_in_link_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mm_sign_in_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_mm_sign_in_link_token_hash")),
    )
    with op.batch_alter_table("mm_sign_in_link", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_mm_sign_in_link_person_id_expires_at"), ["person_id", "expires_at"], unique=False
        )

    op.create_table(
        "mm_sign_in_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Moment(timezone=True), nullable=False),
        sa.Column("seen_at", types.Moment(timezone=True), nullable=False),
        sa.Column("expires_at", types.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["mm_person.id"], name=op.f("fk_mm_sign_in_session_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mm_sign_in_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_mm_sign_in_session_token_hash")),
    )
    with op.batch_alter_table("mm_sign_in_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mm_sign_in_session_person_id"), ["person_id"], unique=False)

    op.create_table(
        "mm_staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "system_admin",
                "programme_admin",
                "coordinator",
                "mentor",
                "intern",
                "alumnus",
                name="role",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["mm_person.id"], name=op.f("fk_mm_staff_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["mm_programme.id"], name=op.f("fk_mm_staff_programme_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mm_staff")),
        sa.UniqueConstraint("programme_id", "person_id", "role", name=op.f("uq_mm_staff_programme_id_person_id_role")),
    )
    with op.batch_alter_table("mm_staff", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mm_staff_person_id"), ["person_id"], unique=False)

    op.create_table(
        "mm_upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("worksheet", sa.String(length=255), nullable=False),
        sa.Column("default_role", sa.String(length=20), nullable=False),
        sa.Column("mapping", types.Json(), nullable=False),
        sa.Column("corrections", types.Json(), nullable=False),
        sa.Column("preview", types.Json(), nullable=False),
        sa.Column("report", types.Json(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "imported", "discarded", name="uploadstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=True),
        sa.Column("created_at", types.Moment(timezone=True), nullable=False),
        sa.Column("imported_at", types.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["mm_programme.id"], name=op.f("fk_mm_upload_programme_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["mm_person.id"], name=op.f("fk_mm_upload_uploaded_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mm_upload")),
    )
    with op.batch_alter_table("mm_upload", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mm_upload_programme_id"), ["programme_id"], unique=False)

    op.create_table(
        "mm_upload_mapping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("signature", sa.String(length=64), nullable=False),
        sa.Column("mapping", types.Json(), nullable=False),
        sa.Column("updated_at", types.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["mm_programme.id"], name=op.f("fk_mm_upload_mapping_programme_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mm_upload_mapping")),
        sa.UniqueConstraint("programme_id", "signature", name=op.f("uq_mm_upload_mapping_programme_id_signature")),
    )
    op.create_table(
        "mm_feasibility",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("stamp", sa.String(length=64), nullable=False),
        sa.Column("figures", types.Json(), nullable=False),
        sa.Column("computed_at", types.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["mm_round.id"], name=op.f("fk_mm_feasibility_round_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_mm_feasibility")),
    )
    op.create_table(
        "mm_match",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column(
            "track",
            sa.Enum(
                "system_admin",
                "programme_admin",
                "coordinator",
                "mentor",
                "intern",
                "alumnus",
                name="role",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("intern_id", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed", "accepted", "declined", "expired", "ended", name="matchstate", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "origin",
            sa.Enum("round", "fall_through", "office", name="matchorigin", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("reasons", types.Json(), nullable=False),
        sa.Column("decline_reason", sa.String(length=32), nullable=False),
        sa.Column("decline_note", sa.String(length=500), nullable=False),
        sa.Column("created_at", types.Moment(timezone=True), nullable=False),
        sa.Column("answer_by", types.Moment(timezone=True), nullable=False),
        sa.Column("answered_at", types.Moment(timezone=True), nullable=True),
        sa.Column("ended_at", types.Moment(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=32), nullable=False),
        sa.Column("end_note", sa.String(length=500), nullable=False),
        sa.Column("seeks", sa.Boolean(), nullable=False),
        sa.Column("offers", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["host_id"], ["mm_enrolment.id"], name=op.f("fk_mm_match_host_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["intern_id"], ["mm_enrolment.id"], name=op.f("fk_mm_match_intern_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["round_id"], ["mm_round.id"], name=op.f("fk_mm_match_round_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mm_match")),
    )
    with op.batch_alter_table("mm_match", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mm_match_host_id"), ["host_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mm_match_intern_id"), ["intern_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_mm_match_round_id_track_state"), ["round_id", "track", "state"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_mm_match_state_answer_by"), ["state", "answer_by"], unique=False)
        batch_op.create_index(
            "uq_mm_match_living",
            ["track", "intern_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('proposed', 'accepted')"),
            postgresql_where=sa.text("state IN ('proposed', 'accepted')"),
        )

    op.create_table(
        "mm_opening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column(
            "track",
            sa.Enum(
                "system_admin",
                "programme_admin",
                "coordinator",
                "mentor",
                "intern",
                "alumnus",
                name="role",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("intern_id", sa.Integer(), nullable=False),
        sa.Column("reason", types.Json(), nullable=False),
        sa.Column("tried_at", types.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["intern_id"], ["mm_enrolment.id"], name=op.f("fk_mm_opening_intern_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["round_id"], ["mm_round.id"], name=op.f("fk_mm_opening_round_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mm_opening")),
        sa.UniqueConstraint("round_id", "track", "intern_id", name=op.f("uq_mm_opening_round_id_track_intern_id")),
    )
    op.create_table(
        "mm_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("queued", "running", "done", "stopped", "failed", name="runstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("started_by", sa.Integer(), nullable=True),
        sa.Column("stop_requested", sa.Boolean(), nullable=False),
        sa.Column("settings", types.Json(), nullable=False),
        sa.Column("problem", types.Json(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("progress", types.Json(), nullable=False),
        sa.Column("summary", types.Json(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.Column("created_at", types.Moment(timezone=True), nullable=False),
        sa.Column("finished_at", types.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["round_id"], ["mm_round.id"], name=op.f("fk_mm_run_round_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["started_by"], ["mm_person.id"], name=op.f("fk_mm_run_started_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mm_run")),
    )
    with op.batch_alter_table("mm_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mm_run_round_id"), ["round_id"], unique=False)
        batch_op.create_index(
            "uq_mm_run_unfinished",
            ["round_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('queued', 'running')"),
            postgresql_where=sa.text("state IN ('queued', 'running')"),
        )

    op.create_table(
        "mm_wish",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "system_admin",
                "programme_admin",
                "coordinator",
                "mentor",
                "intern",
                "alumnus",
                name="role",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "kind", sa.Enum("choice", "prefer", "avoid", name="wishkind", native_enum=False, length=32), nullable=False
        ),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("created_at", types.Moment(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'choice' AND rank BETWEEN 1 AND 5) OR (kind <> 'choice' AND rank IS NULL)",
            name=op.f("ck_mm_wish_rank_of_choice"),
        ),
        sa.CheckConstraint("author_id <> other_id", name=op.f("ck_mm_wish_of_somebody_else")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["mm_enrolment.id"], name=op.f("fk_mm_wish_author_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["mm_enrolment.id"], name=op.f("fk_mm_wish_other_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mm_wish")),
        sa.UniqueConstraint("author_id", "other_id", name=op.f("uq_mm_wish_author_id_other_id")),
        sa.UniqueConstraint("author_id", "role", "rank", name=op.f("uq_mm_wish_author_id_role_rank")),
    )
    with op.batch_alter_table("mm_wish", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mm_wish_other_id"), ["other_id"], unique=False)

    op.create_table(
        "mm_wish_sheet",
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("priority", sa.String(length=40), nullable=False),
        sa.Column("open_to_all", sa.Boolean(), nullable=False),
        sa.Column("updated_at", types.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["mm_enrolment.id"], name=op.f("fk_mm_wish_sheet_author_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("author_id", name=op.f("pk_mm_wish_sheet")),
    )
    op.create_table(
        "mm_concern",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("match_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("told_at", types.Moment(timezone=True), nullable=False),
        sa.Column("settled_at", types.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["match_id"], ["mm_match.id"], name=op.f("fk_mm_concern_match_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["mm_person.id"], name=op.f("fk_mm_concern_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mm_concern")),
    )
    with op.batch_alter_table("mm_concern", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mm_concern_match_id"), ["match_id"], unique=False)
        batch_op.create_index(
            "uq_mm_concern_open",
            ["match_id", "person_id"],
            unique=True,
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        )

    op.create_table(
        "mm_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column(
            "track",
            sa.Enum(
                "system_admin",
                "programme_admin",
                "coordinator",
                "mentor",
                "intern",
                "alumnus",
                name="role",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("intern_id", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind", sa.Enum("pin", "veto", "skip", name="decisionkind", native_enum=False, length=32), nullable=False
        ),
        sa.Column("despite", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", types.Moment(timezone=True), nullable=False),
        sa.Column("applied_run_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["applied_run_id"], ["mm_run.id"], name=op.f("fk_mm_decision_applied_run_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["mm_person.id"], name=op.f("fk_mm_decision_decided_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["host_id"], ["mm_enrolment.id"], name=op.f("fk_mm_decision_host_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["intern_id"], ["mm_enrolment.id"], name=op.f("fk_mm_decision_intern_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["mm_round.id"], name=op.f("fk_mm_decision_round_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mm_decision")),
        sa.UniqueConstraint(
            "round_id", "track", "intern_id", "host_id", name=op.f("uq_mm_decision_round_id_track_intern_id_host_id")
        ),
    )
    op.create_table(
        "mm_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column(
            "track",
            sa.Enum(
                "system_admin",
                "programme_admin",
                "coordinator",
                "mentor",
                "intern",
                "alumnus",
                name="role",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("intern_id", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("margin", sa.Integer(), nullable=True),
        sa.Column("wish", sa.Integer(), nullable=True),
        sa.Column("explanation", types.Json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["host_id"], ["mm_enrolment.id"], name=op.f("fk_mm_proposal_host_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["intern_id"], ["mm_enrolment.id"], name=op.f("fk_mm_proposal_intern_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["mm_run.id"], name=op.f("fk_mm_proposal_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mm_proposal")),
        sa.UniqueConstraint("run_id", "track", "intern_id", name=op.f("uq_mm_proposal_run_id_track_intern_id")),
    )
    with op.batch_alter_table("mm_proposal", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_mm_proposal_run_id_track_points"), ["run_id", "track", "points"], unique=False
        )

    op.create_table(
        "mm_run_scores",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["mm_run.id"], name=op.f("fk_mm_run_scores_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_mm_run_scores")),
    )
    op.create_table(
        "mm_unmatched",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column(
            "track",
            sa.Enum(
                "system_admin",
                "programme_admin",
                "coordinator",
                "mentor",
                "intern",
                "alumnus",
                name="role",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("intern_id", sa.Integer(), nullable=False),
        sa.Column("reason", types.Json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["intern_id"], ["mm_enrolment.id"], name=op.f("fk_mm_unmatched_intern_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["mm_run.id"], name=op.f("fk_mm_unmatched_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mm_unmatched")),
        sa.UniqueConstraint("run_id", "track", "intern_id", name=op.f("uq_mm_unmatched_run_id_track_intern_id")),
    )


def downgrade() -> None:
    op.drop_table("mm_unmatched")
    op.drop_table("mm_run_scores")
    with op.batch_alter_table("mm_proposal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mm_proposal_run_id_track_points"))

    op.drop_table("mm_proposal")
    op.drop_table("mm_decision")
    with op.batch_alter_table("mm_concern", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_mm_concern_open",
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_mm_concern_match_id"))

    op.drop_table("mm_concern")
    op.drop_table("mm_wish_sheet")
    with op.batch_alter_table("mm_wish", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mm_wish_other_id"))

    op.drop_table("mm_wish")
    with op.batch_alter_table("mm_run", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_mm_run_unfinished",
            sqlite_where=sa.text("state IN ('queued', 'running')"),
            postgresql_where=sa.text("state IN ('queued', 'running')"),
        )
        batch_op.drop_index(batch_op.f("ix_mm_run_round_id"))

    op.drop_table("mm_run")
    op.drop_table("mm_opening")
    with op.batch_alter_table("mm_match", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_mm_match_living",
            sqlite_where=sa.text("state IN ('proposed', 'accepted')"),
            postgresql_where=sa.text("state IN ('proposed', 'accepted')"),
        )
        batch_op.drop_index(batch_op.f("ix_mm_match_state_answer_by"))
        batch_op.drop_index(batch_op.f("ix_mm_match_round_id_track_state"))
        batch_op.drop_index(batch_op.f("ix_mm_match_intern_id"))
        batch_op.drop_index(batch_op.f("ix_mm_match_host_id"))

    op.drop_table("mm_match")
    op.drop_table("mm_feasibility")
    op.drop_table("mm_upload_mapping")
    with op.batch_alter_table("mm_upload", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mm_upload_programme_id"))

    op.drop_table("mm_upload")
    with op.batch_alter_table("mm_staff", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mm_staff_person_id"))

    op.drop_table("mm_staff")
    with op.batch_alter_table("mm_sign_in_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mm_sign_in_session_person_id"))

    op.drop_table("mm_sign_in_session")
    with op.batch_alter_table("mm_sign_in_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mm_sign_in_link_person_id_expires_at"))

    op.drop_table("mm_sign_in_link")
    op.drop_table("mm_rule")
    op.drop_table("mm_round")
    with op.batch_alter_table("mm_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mm_message_state_due_at"))
        batch_op.drop_index(batch_op.f("ix_mm_message_person_id"))

    op.drop_table("mm_message")
    with op.batch_alter_table("mm_enrolment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mm_enrolment_programme_id_role_state"))
        batch_op.drop_index(batch_op.f("ix_mm_enrolment_person_id"))

    op.drop_table("mm_enrolment")
    op.drop_table("mm_criterion")
    op.drop_table("mm_credential")
    with op.batch_alter_table("mm_audit_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mm_audit_event_subject"))
        batch_op.drop_index(batch_op.f("ix_mm_audit_event_programme_id_at"))

    op.drop_table("mm_audit_event")
    op.drop_table("mm_programme")
    op.drop_table("mm_person")
    with op.batch_alter_table("mm_job", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mm_job_state_due_at"))

    op.drop_table("mm_job")
