"""The traps that sign-ins are known to fall into, and where each of them is a test; one that vanishes is missed
here."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

# trap -> the tests that walk into it, as "file: name"
TRAPS: dict[str, tuple[str, ...]] = {
    "a code is replayed": (
        "web/test_second_factor.py: test_a_code_that_was_used_is_refused",
        "web/test_second_factor.py: test_an_older_code_is_refused_after_a_newer_one",
        "web/test_step_up.py: test_a_code_that_signed_in_does_not_do_again",
        "web/test_invitations.py: test_the_code_that_set_up_the_app_does_not_sign_in",
    ),
    "a passkey's answer is replayed, its counter 0 or counting": (
        "web/test_passkeys.py: test_an_answer_that_was_used_is_refused",
        "web/test_passkeys.py: test_a_key_that_counts_backwards_is_refused",
    ),
    "the same is brought in parallel": (
        "web/test_second_factor.py: test_of_eight_who_bring_one_code_at_once_one_comes_in",
        "web/test_second_factor.py: test_of_eight_who_bring_one_recovery_code_at_once_one_comes_in",
        "web/test_second_factor.py: test_of_eight_who_bring_one_step_at_once_one_comes_in",
        "web/test_passkeys.py: test_of_eight_who_bring_one_answer_at_once_one_comes_in",
        "web/test_invitations.py: test_of_eight_who_follow_one_invitation_at_once_one_begins",
        "web/test_own_sign_in.py: test_of_two_factors_that_are_removed_at_once_one_stays",
        "journeys/test_staff_sign_in.py: test_of_two_administrators_who_end_each_other_at_once_one_stays",
    ),
    "a recovery code is used twice, or read from a copy of the database": (
        "web/test_second_factor.py: test_a_recovery_code_opens_once_whatever_its_case_and_dashes",
        "web/test_second_factor.py: test_a_copy_of_the_database_holds_no_code_and_no_key",
    ),
    "guesses are not counted, or counted after they were compared": (
        "web/test_limiter.py: test_an_account_takes_ten_tries_in_a_quarter_of_an_hour_and_hashes_no_more",
        "web/test_limiter.py: test_a_network_takes_sixty_tries_whoever_is_tried",
        "web/test_limiter.py: test_tries_that_come_at_once_are_all_counted",
        "web/test_second_factor.py: test_guesses_end_before_they_are_compared",
        "web/test_second_factor.py: test_guesses_that_come_at_once_are_all_counted",
        "web/test_second_factor.py: test_thirty_guesses_are_all_of_a_day_and_a_passkey_is_still_offered",
        "web/test_invitations.py: test_guessing_at_invitations_ends",
        "web/test_step_up.py: test_guesses_end_here_too",
    ),
    "an account is told from none by bytes": (
        "web/test_sign_in.py: test_an_unknown_name_and_a_wrong_passphrase_get_the_same_answer",
        "web/test_limiter.py: test_an_unknown_name_is_limited_like_a_known_one",
        "web/test_passkeys.py: test_the_page_asks_for_verification_names_nobody_and_offers_every_key",
    ),
    "an account is told from none by time": (
        "web/test_sign_in.py: test_an_unknown_name_costs_one_hash_like_a_known_one",
    ),
    "a copied cookie lives on": (
        "web/test_sign_in.py: test_a_copied_cookie_is_dead_at_once_when_its_owner_signs_out",
        "web/test_step_up.py: test_the_session_goes_on_under_a_new_id_and_a_copied_cookie_is_dead",
        "web/test_own_sign_in.py: test_somebody_ends_every_session_at_once",
    ),
    "a session is given to a stranger, or kept over a sign-in": (
        "web/test_sign_in.py: test_a_session_that_a_stranger_brings_is_not_taken_over",
        "web/test_sign_in.py: test_every_sign_in_makes_a_new_session_and_ends_the_one_before",
        "web/test_sign_in.py: test_the_database_keeps_no_token_and_no_passphrase",
    ),
    "a session outlives a quarter of an hour without use, or eight hours": (
        "web/test_sign_in.py: test_a_session_ends_after_a_quarter_of_an_hour_without_use",
        "web/test_sign_in.py: test_a_session_ends_after_eight_hours_however_much_it_is_used",
        "web/test_step_up.py: test_the_eight_hours_go_on_from_the_sign_in",
    ),
    "an ended account goes on": (
        "web/test_sign_in.py: test_ending_an_account_ends_its_sessions_and_its_sign_in",
        "web/test_sign_in.py: test_an_account_that_ends_while_its_passphrase_is_checked_gets_no_session",
        "web/test_second_factor.py: test_an_account_that_ends_between_the_steps_is_refused",
        "web/test_passkeys.py: test_an_account_that_has_ended_is_not_let_in_by_its_passkey",
        "web/test_invitations.py: test_an_account_that_has_ended_cannot_begin",
        "browser/test_administration.py: test_an_administrator_ends_a_colleague_whose_open_pages_stop_at_once",
    ),
    "far-reaching acts ask for nothing again": (
        "web/test_own_sign_in.py: test_every_change_asks_for_a_factor_again",
        "web/test_access_matrix.py: test_every_route_answers_each_role_as_the_table_says",
    ),
    "an invitation is followed twice, late, or after it was taken back": (
        "web/test_invitations.py: test_an_invitation_is_followed_once",
        "web/test_invitations.py: test_an_invitation_ends_after_seven_days",
        "web/test_invitations.py: test_a_newer_invitation_ends_the_older",
        "custody/test_administration.py: test_an_invitation_that_is_taken_back_between_its_two_pages_begins_nothing",
        "web/test_invitations.py: test_an_invitation_is_in_no_table_log_or_address",
    ),
    "somebody is there by default": (
        "journeys/test_staff_sign_in.py: test_somebody_new_begins_and_looks_after_their_sign_in",
        "custody/test_administration.py: test_nobody_is_there_who_was_not_invited",
    ),
    "a weak or breached passphrase is taken": (
        "web/test_passphrases.py: test_what_is_guessed_first_is_refused_without_being_repeated",
    ),
}  # fmt: skip


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_has_its_tests(trap: str) -> None:
    for where in TRAPS[trap]:
        file, name = where.split(": ")
        text = (TESTS / file).read_text(encoding="utf-8")

        assert re.search(rf"^def {name}\(", text, re.MULTILINE), where
