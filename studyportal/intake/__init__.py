"""Take diaries in and seal them: enrolment, consent, what is due, the form, receipts, the own course, withdrawal.

Nothing here can open an entry without the passphrase of the person who wrote it.
"""
