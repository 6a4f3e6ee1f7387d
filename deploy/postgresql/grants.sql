-- What each room may do in each database: exactly this. Run by the owner after every upgrade, either
--   studyportal database grants --owner-url 'postgresql://studyportal_owner@/studyportal_{bind}'
-- or psql -f. A test compares a real server with this file. Each part takes everything away first, so that running it
-- again also takes away what somebody added by hand.

\connect studyportal_registry

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM studyportal_intake, studyportal_clinic, studyportal_custody, PUBLIC;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM studyportal_intake, studyportal_clinic, studyportal_custody, PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO studyportal_intake, studyportal_clinic, studyportal_custody;

-- Intake adds. It reads one enrolment's entries in a request (the policies below), and changes no entry, ever.
GRANT SELECT ON sites, enrolment_codes, enrolments, enrolment_keys, consent_records, withdrawals TO studyportal_intake;
GRANT SELECT ON sealed_entries, blocks, participant_sessions, audit_events, sign_in_attempts TO studyportal_intake;
GRANT INSERT ON enrolments, enrolment_keys, consent_records, withdrawals, sealed_entries TO studyportal_intake;
GRANT INSERT, SELECT (enrolment, entry, source, acknowledged_at, closed_at) ON safety_alerts TO studyportal_intake;
-- An erasure that waits for the clinic goes on when its participant says so.
GRANT UPDATE (waits_until) ON withdrawals TO studyportal_intake;
GRANT INSERT ON participant_sessions, audit_events, outbox, sign_in_attempts TO studyportal_intake;
GRANT SELECT (id, kind, key) ON outbox TO studyportal_intake;
GRANT UPDATE (claimed_at, enrolment) ON enrolment_codes TO studyportal_intake;
-- A link is looked at and a place of it taken; what happens on the way in is counted, without anybody in it.
GRANT SELECT (id, token_hash, site, name, cap, used, opened_at, ends_at, closed_at), UPDATE (used) ON campaigns TO studyportal_intake;
GRANT SELECT, INSERT, UPDATE (count) ON screening_counts TO studyportal_intake;
GRANT UPDATE (started_on) ON enrolments TO studyportal_intake;
GRANT UPDATE (last_seen_at, ended_at) ON participant_sessions TO studyportal_intake;
GRANT UPDATE (tries), DELETE ON sign_in_attempts TO studyportal_intake;
GRANT SELECT, INSERT, UPDATE (read_at) ON messages TO studyportal_intake;
-- A reset is begun by the clinic and carried through by custody; intake brings the code and what the new words yield.
GRANT SELECT ON passphrase_resets TO studyportal_intake;
GRANT UPDATE (state, taken_at, salt, verifier_hash, reading_public, consent_public) ON passphrase_resets TO studyportal_intake;
GRANT UPDATE (code_given, ended_at, ended_by) ON passphrase_resets TO studyportal_intake;
-- Passkeys: a public key is added, counts its uses and is taken away; a challenge is good once.
GRANT SELECT, INSERT, UPDATE (uses, used_at), DELETE ON participant_passkeys TO studyportal_intake;
GRANT SELECT, INSERT, UPDATE (used_at), DELETE ON participant_challenges TO studyportal_intake;
-- Only a text that is in force is signed; of one person it reads the signed copies and the keys that they signed with.
GRANT SELECT (id, version, texts, in_force_at) ON consent_forms TO studyportal_intake;
GRANT SELECT ON consent_copies, former_consent_keys, countersignatures TO studyportal_intake;
-- What hangs on a signature: a name that intake cannot open again, and that the clinic has to sign as well.
GRANT INSERT ON consent_names, countersignatures TO studyportal_intake;
-- A participant pauses and goes on; the clinic sees both.
GRANT SELECT, INSERT, UPDATE (until) ON pauses TO studyportal_intake;
-- How somebody wants to be reminded is theirs to change and to end; where that leads is sealed.
GRANT SELECT ON reminder_ways TO studyportal_intake;
GRANT SELECT, INSERT ON reminder_wishes, reminder_contacts, calendar_feeds TO studyportal_intake;
GRANT UPDATE (quiet_begins, quiet_ends, after_minutes, without, changed_at, next_at) ON reminder_wishes TO studyportal_intake;
GRANT DELETE ON reminder_contacts, calendar_feeds TO studyportal_intake;
GRANT SELECT (enrolment, way, mark, outcome, ended_at) ON reminders TO studyportal_intake;
GRANT USAGE ON SEQUENCE outbox_id_seq TO studyportal_intake;

-- The clinic sees that something came and when, at its own site; no sealed body, no key.
GRANT SELECT ON sites, staff_accounts, staff_sessions, sign_in_attempts, audit_events TO studyportal_clinic;
GRANT SELECT (id, participant_code, site, zone, source, claimed_at, started_on) ON enrolments TO studyportal_clinic;
GRANT SELECT (id, enrolment, scope, strength, requested_at, completed_at, waits_until) ON withdrawals TO studyportal_clinic;
GRANT SELECT (id, enrolment, form_version, agreed_at) ON consent_records TO studyportal_clinic;
GRANT SELECT (version, texts, in_force_at) ON consent_forms TO studyportal_clinic;
GRANT SELECT ON pauses TO studyportal_clinic;
-- A clinician signs what the participant signed, by its hash.
GRANT SELECT, UPDATE (signed_at, signed_by, signer_name) ON countersignatures TO studyportal_clinic;
GRANT SELECT (id, enrolment, schedule, occasion, received_at) ON sealed_entries TO studyportal_clinic;
GRANT SELECT (id, enrolment, entry, source, level, raised_at) ON safety_alerts TO studyportal_clinic;
GRANT SELECT (acknowledged_at, acknowledged_by, holder, closed_at) ON safety_alerts TO studyportal_clinic;
GRANT UPDATE (acknowledged_at, acknowledged_by, holder, closed_at) ON safety_alerts TO studyportal_clinic;
GRANT SELECT, INSERT ON alert_events TO studyportal_clinic;
GRANT SELECT ON alert_mails, erased_alerts, enrolment_keys TO studyportal_clinic;
GRANT UPDATE (seen_at, seen_by) ON erased_alerts TO studyportal_clinic;
GRANT INSERT ON staff_sessions, sign_in_attempts, audit_events TO studyportal_clinic;
-- Coordinators give out codes and links of their own site. Whose a code became is not theirs to see.
GRANT INSERT (code_hash, site, issued_at, issued_by, expires_at) ON enrolment_codes TO studyportal_clinic;
GRANT SELECT (site, issued_at, expires_at, claimed_at) ON enrolment_codes TO studyportal_clinic;
GRANT INSERT ON campaigns TO studyportal_clinic;
GRANT SELECT (id, site, name, cap, used, opened_at, ends_at, closed_at), UPDATE (closed_at, closed_by) ON campaigns TO studyportal_clinic;
GRANT SELECT ON screening_counts TO studyportal_clinic;
-- What somebody came for is said once a visit, and never changed.
GRANT SELECT, INSERT ON desk_visits TO studyportal_clinic;
GRANT UPDATE (token_hash, fresh_at, last_seen_at, ended_at) ON staff_sessions TO studyportal_clinic;
GRANT UPDATE (tries), DELETE ON sign_in_attempts TO studyportal_clinic;
-- Messages are written here and read at the desk; of entries the clinic adds its own, which have no receipt.
GRANT INSERT, SELECT (id, enrolment, sent_at, sender, account, read_at), UPDATE (read_at) ON messages TO studyportal_clinic;
GRANT INSERT, SELECT (commitment, written_by) ON sealed_entries TO studyportal_clinic;
GRANT INSERT ON safety_alerts, outbox TO studyportal_clinic;
GRANT SELECT (id, kind, key) ON outbox TO studyportal_clinic;
-- Two people ask for new words and hand out the code; from when on, custody alone says.
GRANT INSERT (id, enrolment, state, asked_at, asked_by, asked_check) ON passphrase_resets TO studyportal_clinic;
GRANT SELECT (id, enrolment, state, asked_at, asked_by, asked_check) ON passphrase_resets TO studyportal_clinic;
GRANT SELECT (confirmed_at, confirmed_by, confirmed_check, ready_at) ON passphrase_resets TO studyportal_clinic;
GRANT SELECT (code_at, code_by, taken_at, ended_at, ended_by) ON passphrase_resets TO studyportal_clinic;
GRANT UPDATE (state, confirmed_at, confirmed_by, confirmed_check) ON passphrase_resets TO studyportal_clinic;
GRANT UPDATE (code_hash, code_at, code_by, ended_at, ended_by) ON passphrase_resets TO studyportal_clinic;
GRANT USAGE ON SEQUENCE outbox_id_seq TO studyportal_clinic;
-- Sign-in: what a person sets up for themselves. No room makes accounts or invitations but custody.
GRANT SELECT ON staff_factors, staff_recovery_codes, staff_invitations, staff_challenges TO studyportal_clinic;
GRANT INSERT ON staff_factors, staff_recovery_codes, staff_challenges TO studyportal_clinic;
GRANT UPDATE (name, used_at, last_step, uses), DELETE ON staff_factors TO studyportal_clinic;
GRANT UPDATE (used_at), DELETE ON staff_recovery_codes TO studyportal_clinic;
GRANT UPDATE (used_at), DELETE ON staff_challenges TO studyportal_clinic;
GRANT UPDATE (ended_at) ON staff_invitations TO studyportal_clinic;
GRANT UPDATE (passphrase_hash) ON staff_accounts TO studyportal_clinic;

-- Custody reads all, folds entries into blocks, carries withdrawals through, issues codes, keeps staff accounts.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO studyportal_custody;
GRANT INSERT ON sites, enrolment_codes, campaigns, blocks, quarantined_entries, outbox, audit_events TO studyportal_custody;
GRANT UPDATE (sealed, block), DELETE ON sealed_entries TO studyportal_custody;
GRANT UPDATE (revision, folded_at, sealed), DELETE ON blocks TO studyportal_custody;
GRANT UPDATE, DELETE ON quarantined_entries TO studyportal_custody;
GRANT INSERT, DELETE ON safety_alerts TO studyportal_custody;
GRANT INSERT ON alert_mails, erased_alerts TO studyportal_custody;
GRANT UPDATE (sent_at, dropped_at, failures) ON alert_mails TO studyportal_custody;
GRANT UPDATE (name, alert_address, escalate_after_minutes, has_mail) ON sites TO studyportal_custody;
GRANT UPDATE (completed_at, certificate) ON withdrawals TO studyportal_custody;
GRANT UPDATE (closed_at, closed_by) ON campaigns TO studyportal_custody;
GRANT DELETE ON messages, participant_passkeys TO studyportal_custody;
GRANT INSERT, UPDATE (is_open, in_force_at, in_force_by, ended_at, ended_by) ON consent_forms TO studyportal_custody;
GRANT INSERT, DELETE ON consent_copies TO studyportal_custody;
GRANT DELETE ON consent_names, pauses TO studyportal_custody;
GRANT UPDATE (state, ready_at, salt, verifier_hash, reading_public, consent_public) ON passphrase_resets TO studyportal_custody;
GRANT UPDATE (code_given, ended_at, ended_by) ON passphrase_resets TO studyportal_custody;
GRANT UPDATE (salt, verifier_hash, reading_public, consent_public) ON enrolments TO studyportal_custody;
GRANT INSERT ON former_consent_keys TO studyportal_custody;
GRANT UPDATE, DELETE ON outbox TO studyportal_custody;
GRANT UPDATE (ended_at) ON participant_sessions TO studyportal_custody;
GRANT INSERT, UPDATE (ended_at) ON staff_accounts TO studyportal_custody;
GRANT INSERT, UPDATE (ended_at) ON staff_invitations TO studyportal_custody;
GRANT UPDATE (ended_at) ON staff_sessions TO studyportal_custody;
-- Whom the reading desk opened for whom: custody's own count, which the clinic does not see.
GRANT INSERT, UPDATE (last_at) ON desk_openings TO studyportal_custody;
-- Custody's worker finds who is to be reminded and writes down what became of it; who leaves is forgotten.
GRANT INSERT, DELETE ON reminder_ways TO studyportal_custody;
GRANT UPDATE (next_at), DELETE ON reminder_wishes TO studyportal_custody;
GRANT INSERT, UPDATE (tried_at, failures, ended_at, outcome), DELETE ON reminders TO studyportal_custody;
GRANT DELETE ON reminder_contacts, calendar_feeds TO studyportal_custody;
GRANT USAGE ON SEQUENCE outbox_id_seq TO studyportal_custody;

ALTER TABLE sealed_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE blocks ENABLE ROW LEVEL SECURITY;
ALTER TABLE consent_records ENABLE ROW LEVEL SECURITY;
ALTER TABLE consent_copies ENABLE ROW LEVEL SECURITY;
ALTER TABLE consent_names ENABLE ROW LEVEL SECURITY;
ALTER TABLE countersignatures ENABLE ROW LEVEL SECURITY;
ALTER TABLE pauses ENABLE ROW LEVEL SECURITY;
ALTER TABLE former_consent_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE participant_sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE participant_passkeys ENABLE ROW LEVEL SECURITY;
ALTER TABLE participant_challenges ENABLE ROW LEVEL SECURITY;
ALTER TABLE enrolments ENABLE ROW LEVEL SECURITY;
ALTER TABLE withdrawals ENABLE ROW LEVEL SECURITY;
ALTER TABLE safety_alerts ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE passphrase_resets ENABLE ROW LEVEL SECURITY;
ALTER TABLE desk_visits ENABLE ROW LEVEL SECURITY;
ALTER TABLE enrolment_codes ENABLE ROW LEVEL SECURITY;
ALTER TABLE campaigns ENABLE ROW LEVEL SECURITY;
ALTER TABLE screening_counts ENABLE ROW LEVEL SECURITY;
ALTER TABLE alert_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE alert_mails ENABLE ROW LEVEL SECURITY;
ALTER TABLE erased_alerts ENABLE ROW LEVEL SECURITY;
ALTER TABLE reminder_wishes ENABLE ROW LEVEL SECURITY;
ALTER TABLE reminder_contacts ENABLE ROW LEVEL SECURITY;
ALTER TABLE reminders ENABLE ROW LEVEL SECURITY;
ALTER TABLE calendar_feeds ENABLE ROW LEVEL SECURITY;

DROP POLICY IF EXISTS intake ON sealed_entries;
CREATE POLICY intake ON sealed_entries TO studyportal_intake
    USING (enrolment = NULLIF(current_setting('studyportal.enrolment', true), '')::uuid);
DROP POLICY IF EXISTS intake ON blocks;
CREATE POLICY intake ON blocks FOR SELECT TO studyportal_intake
    USING (enrolment = NULLIF(current_setting('studyportal.enrolment', true), '')::uuid);
DROP POLICY IF EXISTS intake ON consent_records;
CREATE POLICY intake ON consent_records TO studyportal_intake
    USING (enrolment = NULLIF(current_setting('studyportal.enrolment', true), '')::uuid);
DROP POLICY IF EXISTS intake ON consent_copies;
CREATE POLICY intake ON consent_copies FOR SELECT TO studyportal_intake
    USING (enrolment = NULLIF(current_setting('studyportal.enrolment', true), '')::uuid);
DROP POLICY IF EXISTS intake ON consent_names;
CREATE POLICY intake ON consent_names FOR INSERT TO studyportal_intake
    WITH CHECK (enrolment = NULLIF(current_setting('studyportal.enrolment', true), '')::uuid);
DROP POLICY IF EXISTS intake ON countersignatures;
CREATE POLICY intake ON countersignatures TO studyportal_intake
    USING (enrolment = NULLIF(current_setting('studyportal.enrolment', true), '')::uuid);
DROP POLICY IF EXISTS intake ON pauses;
CREATE POLICY intake ON pauses TO studyportal_intake
    USING (enrolment = NULLIF(current_setting('studyportal.enrolment', true), '')::uuid);
DROP POLICY IF EXISTS intake ON former_consent_keys;
CREATE POLICY intake ON former_consent_keys FOR SELECT TO studyportal_intake
    USING (enrolment = NULLIF(current_setting('studyportal.enrolment', true), '')::uuid);
-- A session is found by the hash of its token before anybody knows whose it is; it is made and changed as its owner.
DROP POLICY IF EXISTS intake_finds ON participant_sessions;
CREATE POLICY intake_finds ON participant_sessions FOR SELECT TO studyportal_intake USING (true);
DROP POLICY IF EXISTS intake_adds ON participant_sessions;
CREATE POLICY intake_adds ON participant_sessions FOR INSERT TO studyportal_intake
    WITH CHECK (enrolment = NULLIF(current_setting('studyportal.enrolment', true), '')::uuid);
DROP POLICY IF EXISTS intake_changes ON participant_sessions;
CREATE POLICY intake_changes ON participant_sessions FOR UPDATE TO studyportal_intake
    USING (enrolment = NULLIF(current_setting('studyportal.enrolment', true), '')::uuid);
-- So is a passkey by its own id, and a challenge by the hash of its token, which says nothing of whose it is.
DROP POLICY IF EXISTS intake_finds ON participant_passkeys;
CREATE POLICY intake_finds ON participant_passkeys FOR SELECT TO studyportal_intake USING (true);
DROP POLICY IF EXISTS intake_adds ON participant_passkeys;
CREATE POLICY intake_adds ON participant_passkeys FOR INSERT TO studyportal_intake
    WITH CHECK (enrolment = NULLIF(current_setting('studyportal.enrolment', true), '')::uuid);
DROP POLICY IF EXISTS intake_changes ON participant_passkeys;
CREATE POLICY intake_changes ON participant_passkeys FOR UPDATE TO studyportal_intake
    USING (enrolment = NULLIF(current_setting('studyportal.enrolment', true), '')::uuid);
DROP POLICY IF EXISTS intake_removes ON participant_passkeys;
CREATE POLICY intake_removes ON participant_passkeys FOR DELETE TO studyportal_intake
    USING (enrolment = NULLIF(current_setting('studyportal.enrolment', true), '')::uuid);
DROP POLICY IF EXISTS intake ON participant_challenges;
CREATE POLICY intake ON participant_challenges TO studyportal_intake USING (true);
-- Signing in looks a participant up by code; the row holds no answer and no name.
DROP POLICY IF EXISTS intake_finds ON enrolments;
CREATE POLICY intake_finds ON enrolments FOR SELECT TO studyportal_intake USING (true);
DROP POLICY IF EXISTS intake_adds ON enrolments;
CREATE POLICY intake_adds ON enrolments FOR INSERT TO studyportal_intake
    WITH CHECK (id = NULLIF(current_setting('studyportal.enrolment', true), '')::uuid);
DROP POLICY IF EXISTS intake_changes ON enrolments;
CREATE POLICY intake_changes ON enrolments FOR UPDATE TO studyportal_intake
    USING (id = NULLIF(current_setting('studyportal.enrolment', true), '')::uuid);
DROP POLICY IF EXISTS intake_finds ON withdrawals;
CREATE POLICY intake_finds ON withdrawals FOR SELECT TO studyportal_intake USING (true);
DROP POLICY IF EXISTS intake_changes ON withdrawals;
CREATE POLICY intake_changes ON withdrawals FOR UPDATE TO studyportal_intake
    USING (enrolment = NULLIF(current_setting('studyportal.enrolment', true), '')::uuid);
DROP POLICY IF EXISTS intake_adds ON withdrawals;
CREATE POLICY intake_adds ON withdrawals FOR INSERT TO studyportal_intake
    WITH CHECK (enrolment = NULLIF(current_setting('studyportal.enrolment', true), '')::uuid);
-- Of the person whose request it is intake may see that an alert was taken on; not how pressing it is, nor what was done.
DROP POLICY IF EXISTS intake ON safety_alerts;
CREATE POLICY intake ON safety_alerts TO studyportal_intake
    USING (enrolment = NULLIF(current_setting('studyportal.enrolment', true), '')::uuid);

DROP POLICY IF EXISTS intake ON messages;
CREATE POLICY intake ON messages TO studyportal_intake
    USING (enrolment = NULLIF(current_setting('studyportal.enrolment', true), '')::uuid);
DROP POLICY IF EXISTS intake ON passphrase_resets;
CREATE POLICY intake ON passphrase_resets TO studyportal_intake
    USING (enrolment = NULLIF(current_setting('studyportal.enrolment', true), '')::uuid);
DROP POLICY IF EXISTS intake ON reminder_wishes;
CREATE POLICY intake ON reminder_wishes TO studyportal_intake
    USING (enrolment = NULLIF(current_setting('studyportal.enrolment', true), '')::uuid);
DROP POLICY IF EXISTS intake ON reminder_contacts;
CREATE POLICY intake ON reminder_contacts TO studyportal_intake
    USING (enrolment = NULLIF(current_setting('studyportal.enrolment', true), '')::uuid);
DROP POLICY IF EXISTS intake ON reminders;
CREATE POLICY intake ON reminders FOR SELECT TO studyportal_intake
    USING (enrolment = NULLIF(current_setting('studyportal.enrolment', true), '')::uuid);
-- A calendar is found by the hash of its address, before anybody knows whose it is; it is made and ended as its owner.
DROP POLICY IF EXISTS intake_finds ON calendar_feeds;
CREATE POLICY intake_finds ON calendar_feeds FOR SELECT TO studyportal_intake USING (true);
DROP POLICY IF EXISTS intake_adds ON calendar_feeds;
CREATE POLICY intake_adds ON calendar_feeds FOR INSERT TO studyportal_intake
    WITH CHECK (enrolment = NULLIF(current_setting('studyportal.enrolment', true), '')::uuid);
DROP POLICY IF EXISTS intake_ends ON calendar_feeds;
CREATE POLICY intake_ends ON calendar_feeds FOR DELETE TO studyportal_intake
    USING (enrolment = NULLIF(current_setting('studyportal.enrolment', true), '')::uuid);

-- A code and a link are found by their hash, which says nothing of whose they are.
DROP POLICY IF EXISTS intake ON enrolment_codes;
CREATE POLICY intake ON enrolment_codes TO studyportal_intake USING (true);
DROP POLICY IF EXISTS intake ON campaigns;
CREATE POLICY intake ON campaigns TO studyportal_intake USING (true);
DROP POLICY IF EXISTS intake ON screening_counts;
CREATE POLICY intake ON screening_counts TO studyportal_intake USING (true);

DROP POLICY IF EXISTS clinic ON enrolment_codes;
CREATE POLICY clinic ON enrolment_codes TO studyportal_clinic USING (site = current_setting('studyportal.site', true));
DROP POLICY IF EXISTS clinic ON campaigns;
CREATE POLICY clinic ON campaigns TO studyportal_clinic USING (site = current_setting('studyportal.site', true));
DROP POLICY IF EXISTS clinic ON screening_counts;
CREATE POLICY clinic ON screening_counts FOR SELECT TO studyportal_clinic
    USING (site = current_setting('studyportal.site', true));
DROP POLICY IF EXISTS clinic ON enrolments;
CREATE POLICY clinic ON enrolments FOR SELECT TO studyportal_clinic
    USING (site = current_setting('studyportal.site', true));
-- Through the enrolments that this role sees, which are its site's.
DROP POLICY IF EXISTS clinic ON sealed_entries;
CREATE POLICY clinic ON sealed_entries FOR SELECT TO studyportal_clinic
    USING (EXISTS (SELECT 1 FROM enrolments WHERE enrolments.id = sealed_entries.enrolment));
-- What the clinic adds names the account that wrote it, and so has no receipt.
DROP POLICY IF EXISTS clinic_adds ON sealed_entries;
CREATE POLICY clinic_adds ON sealed_entries FOR INSERT TO studyportal_clinic
    WITH CHECK (written_by IS NOT NULL
        AND EXISTS (SELECT 1 FROM enrolments WHERE enrolments.id = sealed_entries.enrolment));
DROP POLICY IF EXISTS clinic ON messages;
CREATE POLICY clinic ON messages TO studyportal_clinic
    USING (EXISTS (SELECT 1 FROM enrolments WHERE enrolments.id = messages.enrolment));
DROP POLICY IF EXISTS clinic ON passphrase_resets;
CREATE POLICY clinic ON passphrase_resets TO studyportal_clinic
    USING (EXISTS (SELECT 1 FROM enrolments WHERE enrolments.id = passphrase_resets.enrolment));
DROP POLICY IF EXISTS clinic ON withdrawals;
CREATE POLICY clinic ON withdrawals FOR SELECT TO studyportal_clinic
    USING (EXISTS (SELECT 1 FROM enrolments WHERE enrolments.id = withdrawals.enrolment));
DROP POLICY IF EXISTS clinic ON consent_records;
CREATE POLICY clinic ON consent_records FOR SELECT TO studyportal_clinic
    USING (EXISTS (SELECT 1 FROM enrolments WHERE enrolments.id = consent_records.enrolment));
DROP POLICY IF EXISTS clinic ON countersignatures;
CREATE POLICY clinic ON countersignatures TO studyportal_clinic
    USING (EXISTS (SELECT 1 FROM enrolments WHERE enrolments.id = countersignatures.enrolment));
DROP POLICY IF EXISTS clinic ON pauses;
CREATE POLICY clinic ON pauses FOR SELECT TO studyportal_clinic
    USING (EXISTS (SELECT 1 FROM enrolments WHERE enrolments.id = pauses.enrolment));
DROP POLICY IF EXISTS clinic ON safety_alerts;
CREATE POLICY clinic ON safety_alerts TO studyportal_clinic
    USING (EXISTS (SELECT 1 FROM enrolments WHERE enrolments.id = safety_alerts.enrolment));
DROP POLICY IF EXISTS clinic ON alert_events;
CREATE POLICY clinic ON alert_events TO studyportal_clinic
    USING (EXISTS (SELECT 1 FROM safety_alerts WHERE safety_alerts.id = alert_events.alert));
DROP POLICY IF EXISTS clinic ON alert_mails;
CREATE POLICY clinic ON alert_mails FOR SELECT TO studyportal_clinic
    USING (EXISTS (SELECT 1 FROM safety_alerts WHERE safety_alerts.id = alert_mails.alert));
DROP POLICY IF EXISTS clinic ON erased_alerts;
CREATE POLICY clinic ON erased_alerts TO studyportal_clinic
    USING (EXISTS (SELECT 1 FROM enrolments WHERE enrolments.id = erased_alerts.enrolment));
DROP POLICY IF EXISTS clinic ON desk_visits;
CREATE POLICY clinic ON desk_visits TO studyportal_clinic
    USING (EXISTS (SELECT 1 FROM enrolments WHERE enrolments.id = desk_visits.enrolment));

DROP POLICY IF EXISTS custody ON enrolment_codes;
CREATE POLICY custody ON enrolment_codes TO studyportal_custody USING (true);
DROP POLICY IF EXISTS custody ON campaigns;
CREATE POLICY custody ON campaigns TO studyportal_custody USING (true);
DROP POLICY IF EXISTS custody ON screening_counts;
CREATE POLICY custody ON screening_counts TO studyportal_custody USING (true);
DROP POLICY IF EXISTS custody ON sealed_entries;
CREATE POLICY custody ON sealed_entries TO studyportal_custody USING (true);
DROP POLICY IF EXISTS custody ON blocks;
CREATE POLICY custody ON blocks TO studyportal_custody USING (true);
DROP POLICY IF EXISTS custody ON consent_records;
CREATE POLICY custody ON consent_records TO studyportal_custody USING (true);
DROP POLICY IF EXISTS custody ON consent_copies;
CREATE POLICY custody ON consent_copies TO studyportal_custody USING (true);
DROP POLICY IF EXISTS custody ON consent_names;
CREATE POLICY custody ON consent_names TO studyportal_custody USING (true);
DROP POLICY IF EXISTS custody ON countersignatures;
CREATE POLICY custody ON countersignatures TO studyportal_custody USING (true);
DROP POLICY IF EXISTS custody ON pauses;
CREATE POLICY custody ON pauses TO studyportal_custody USING (true);
DROP POLICY IF EXISTS custody ON former_consent_keys;
CREATE POLICY custody ON former_consent_keys TO studyportal_custody USING (true);
DROP POLICY IF EXISTS custody ON participant_sessions;
CREATE POLICY custody ON participant_sessions TO studyportal_custody USING (true);
DROP POLICY IF EXISTS custody ON participant_passkeys;
CREATE POLICY custody ON participant_passkeys TO studyportal_custody USING (true);
DROP POLICY IF EXISTS custody ON enrolments;
CREATE POLICY custody ON enrolments TO studyportal_custody USING (true);
DROP POLICY IF EXISTS custody ON messages;
CREATE POLICY custody ON messages TO studyportal_custody USING (true);
DROP POLICY IF EXISTS custody ON passphrase_resets;
CREATE POLICY custody ON passphrase_resets TO studyportal_custody USING (true);
DROP POLICY IF EXISTS custody ON withdrawals;
CREATE POLICY custody ON withdrawals TO studyportal_custody USING (true);
DROP POLICY IF EXISTS custody ON safety_alerts;
CREATE POLICY custody ON safety_alerts TO studyportal_custody USING (true);
DROP POLICY IF EXISTS custody ON desk_visits;
CREATE POLICY custody ON desk_visits FOR SELECT TO studyportal_custody USING (true);
DROP POLICY IF EXISTS custody ON alert_events;
CREATE POLICY custody ON alert_events TO studyportal_custody USING (true);
DROP POLICY IF EXISTS custody ON alert_mails;
CREATE POLICY custody ON alert_mails TO studyportal_custody USING (true);
DROP POLICY IF EXISTS custody ON erased_alerts;
CREATE POLICY custody ON erased_alerts TO studyportal_custody USING (true);
DROP POLICY IF EXISTS custody ON reminder_wishes;
CREATE POLICY custody ON reminder_wishes TO studyportal_custody USING (true);
DROP POLICY IF EXISTS custody ON reminder_contacts;
CREATE POLICY custody ON reminder_contacts TO studyportal_custody USING (true);
DROP POLICY IF EXISTS custody ON reminders;
CREATE POLICY custody ON reminders TO studyportal_custody USING (true);
DROP POLICY IF EXISTS custody ON calendar_feeds;
CREATE POLICY custody ON calendar_feeds TO studyportal_custody USING (true);

\connect studyportal_keyring

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM studyportal_intake, studyportal_custody, PUBLIC;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM studyportal_intake, studyportal_custody, PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO studyportal_intake, studyportal_custody;

-- Intake puts wrapped seeds in, and takes out those of one enrolment: its participant reads with them.
GRANT SELECT ON transport_keys, wrapped_seeds, audit_events TO studyportal_intake;
GRANT INSERT ON wrapped_seeds, audit_events TO studyportal_intake;

-- Custody keeps the keyring. Whoever has a subject's place has it for ever, so nothing there is deleted.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO studyportal_custody;
GRANT INSERT ON transport_keys, wrapped_seeds, subjects, subject_codes, publications, tombstones TO studyportal_custody;
GRANT INSERT ON staff_accounts, staff_invitations, staff_sessions, sign_in_attempts, audit_events, outbox TO studyportal_custody;
GRANT DELETE ON transport_keys TO studyportal_custody;
GRANT UPDATE (wrapping, wrapped_by, wrapped), DELETE ON wrapped_seeds TO studyportal_custody;
GRANT UPDATE (enrolment) ON subjects TO studyportal_custody;
GRANT UPDATE (erased_at, certificate, signature) ON tombstones TO studyportal_custody;
-- A snapshot that is written anew without people who were erased has another manifest.
GRANT UPDATE (manifest_sha256) ON publications TO studyportal_custody;
GRANT UPDATE (ended_at) ON staff_accounts TO studyportal_custody;
GRANT UPDATE (token_hash, fresh_at, last_seen_at, ended_at) ON staff_sessions TO studyportal_custody;
GRANT UPDATE (tries), DELETE ON sign_in_attempts TO studyportal_custody;
-- Sign-in of custody's own staff.
GRANT INSERT ON staff_factors, staff_recovery_codes, staff_challenges TO studyportal_custody;
GRANT UPDATE (name, used_at, last_step, uses), DELETE ON staff_factors TO studyportal_custody;
GRANT UPDATE (used_at), DELETE ON staff_recovery_codes TO studyportal_custody;
GRANT UPDATE (used_at), DELETE ON staff_challenges TO studyportal_custody;
GRANT UPDATE (ended_at) ON staff_invitations TO studyportal_custody;
GRANT UPDATE (passphrase_hash) ON staff_accounts TO studyportal_custody;
GRANT UPDATE ON outbox TO studyportal_custody;
GRANT USAGE ON SEQUENCE outbox_id_seq TO studyportal_custody;

ALTER TABLE wrapped_seeds ENABLE ROW LEVEL SECURITY;

DROP POLICY IF EXISTS intake ON wrapped_seeds;
CREATE POLICY intake ON wrapped_seeds TO studyportal_intake
    USING (enrolment = NULLIF(current_setting('studyportal.enrolment', true), '')::uuid);
DROP POLICY IF EXISTS custody ON wrapped_seeds;
CREATE POLICY custody ON wrapped_seeds TO studyportal_custody USING (true);

\connect studyportal_workbench

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM studyportal_custody, studyportal_research, PUBLIC;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM studyportal_custody, studyportal_research, PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO studyportal_custody, studyportal_research;

-- Researchers ask, sign agreements, and keep their cohorts and releases. They cannot decide, nor write a grant.
GRANT SELECT ON applications, grants, grant_events, agreements, cohorts, releases, reports, outbox, staff_accounts TO studyportal_research;
GRANT SELECT ON staff_sessions, sign_in_attempts, audit_events TO studyportal_research;
GRANT INSERT ON applications, agreements, cohorts, releases, reports, outbox, staff_sessions, sign_in_attempts, audit_events TO studyportal_research;
GRANT UPDATE (done, made_at, content, sha256, given_up_at, reason) ON reports TO studyportal_research;
GRANT UPDATE, DELETE ON outbox TO studyportal_research;
GRANT USAGE ON SEQUENCE outbox_id_seq TO studyportal_research;
-- What was answered is added and, when somebody withdrew, written again without them; what was opened stays.
GRANT SELECT, INSERT, UPDATE (revision, sealed) ON answered_sets TO studyportal_research;
GRANT SELECT, INSERT ON ledger_blocks TO studyportal_research;
-- A review is asked, taken back and used here; only custody decides and signs.
GRANT SELECT ON ledger_reviews TO studyportal_research;
GRANT INSERT (id, project, account, asked_at, question, blocks, told, opened, address, units, used_before, reach, reach_of_all, reason) ON ledger_reviews TO studyportal_research;
GRANT UPDATE (withdrawn_at, used_at, used_by) ON ledger_reviews TO studyportal_research;
GRANT UPDATE (title, purpose, plan, ethics_reference, items, level, wanted_until, revision, amended_at, withdrawn_at) ON applications TO studyportal_research;
GRANT UPDATE (token_hash, fresh_at, last_seen_at, ended_at) ON staff_sessions TO studyportal_research;
GRANT UPDATE (tries), DELETE ON sign_in_attempts TO studyportal_research;
-- Sign-in: what a person sets up for themselves. No room makes accounts or invitations but custody.
GRANT SELECT ON staff_factors, staff_recovery_codes, staff_invitations, staff_challenges TO studyportal_research;
GRANT INSERT ON staff_factors, staff_recovery_codes, staff_challenges TO studyportal_research;
GRANT UPDATE (name, used_at, last_step, uses), DELETE ON staff_factors TO studyportal_research;
GRANT UPDATE (used_at), DELETE ON staff_recovery_codes TO studyportal_research;
GRANT UPDATE (used_at), DELETE ON staff_challenges TO studyportal_research;
GRANT UPDATE (ended_at) ON staff_invitations TO studyportal_research;
GRANT UPDATE (passphrase_hash) ON staff_accounts TO studyportal_research;

-- Custody decides on requests and signs grants. What was answered of whom is research's alone.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO studyportal_custody;
REVOKE SELECT ON answered_sets FROM studyportal_custody;
GRANT INSERT ON grants, grant_events, staff_accounts, audit_events TO studyportal_custody;
GRANT UPDATE (decided_at, decision, decided_by, decided_name, reason) ON applications TO studyportal_custody;
GRANT UPDATE (document, signature, expires_at, suspended_at, ended_at) ON grants TO studyportal_custody;
GRANT UPDATE (decided_at, decision, decided_by, decided_name, answer, document, signature, expires_at) ON ledger_reviews TO studyportal_custody;
GRANT UPDATE (ended_at) ON staff_accounts TO studyportal_custody;
GRANT INSERT, UPDATE (ended_at) ON staff_invitations TO studyportal_custody;
GRANT UPDATE (ended_at) ON staff_sessions TO studyportal_custody;
