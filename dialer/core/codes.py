"""What is wrong with a call list, in one code per reason?

The first letter says what follows: `E_` refuses the row, `B_` stores it but never dials it, `D_` is a
repeat, `W_` only warns, `F_` refuses the whole file. Every code carries its meaning for people.
"""

from typing import final

from dialer.core.meaning import Meaningful


@final
class Code(Meaningful):
    # The file
    F_CSV_QUOTE = "F_CSV_QUOTE", "a quoted field is not closed, or goes on after its closing quote"
    F_EMPTY = "F_EMPTY", "the file holds nothing"
    F_ENCODING = "F_ENCODING", "the bytes are not in the named encoding (UTF-8 unless cp1250 is named)"
    F_HEADER = "F_HEADER", "the first line names no column we know"
    F_HEADER_DUPLICATE = "F_HEADER_DUPLICATE", "a column is named twice"
    F_HEADER_MISSING = "F_HEADER_MISSING", "a required column is missing"
    F_JSON = "F_JSON", "malformed JSON"
    F_NUL = "F_NUL", "a NUL character"
    F_ROW_COUNT = "F_ROW_COUNT", "more rows than one file may have"
    F_ROW_LENGTH = "F_ROW_LENGTH", "a line is longer than any row can be"
    F_SCHEMA = "F_SCHEMA", "the document does not have the shape that was agreed"
    W_COLUMN_UNKNOWN = "W_COLUMN_UNKNOWN", "a column we do not know was ignored"
    W_NO_ROWS = "W_NO_ROWS", "the file holds no rows"

    # The row as a whole
    D_IDENTICAL = "D_IDENTICAL", "the same case was sent before with the same values"
    E_COLUMN_COUNT = "E_COLUMN_COUNT", "more or fewer values than columns"
    E_CONTROL_CHARS = "E_CONTROL_CHARS", "a line break or another control character"
    E_DUPLICATE_CONFLICT = "E_DUPLICATE_CONFLICT", "the same case was sent before with other values"
    E_FIELD_LENGTH = "E_FIELD_LENGTH", "a value is too long"
    E_FIELD_TYPE = "E_FIELD_TYPE", "the JSON case has a wrong shape: a missing, unknown or mistyped field"
    E_FORBIDDEN_DATA = "E_FORBIDDEN_DATA", "a PESEL number: personal data that must not be sent"
    E_FORMULA = "E_FORMULA", "a spreadsheet formula"
    E_REQUIRED = "E_REQUIRED", "a required value is missing"

    # Whose case, and who owes
    E_CAMPAIGN_UNKNOWN = "E_CAMPAIGN_UNKNOWN", "no such campaign"
    E_CASE_ID_FORMAT = "E_CASE_ID_FORMAT", "the case number is too long or has characters it may not have"
    E_CASE_NO_SPOKEN = "E_CASE_NO_SPOKEN", "the spoken case number is not made of digits"
    E_CLIENT_FORBIDDEN = "E_CLIENT_FORBIDDEN", "the client is not the sender's, or not the campaign's"
    E_DEBTOR_TYPE = "E_DEBTOR_TYPE", "the debtor is neither person nor company"
    E_LANGUAGE = "E_LANGUAGE", "a language we do not speak"
    E_NAME_CHARS = "E_NAME_CHARS", "characters that no name has"
    E_NAME_REQUIRED = "E_NAME_REQUIRED", "a person without a surname, or a company without a name"
    E_SEX = "E_SEX", "sex is neither M nor F nor empty"
    W_EMAIL = "W_EMAIL", "not an e-mail address: dropped"
    W_SEX_UNKNOWN = "W_SEX_UNKNOWN", "sex not given: the neutral form of address is used"

    # What is owed
    E_ACCOUNT_FORMAT = "E_ACCOUNT_FORMAT", "the last digits of the account are not four digits"
    E_ACCOUNT_MISMATCH = "E_ACCOUNT_MISMATCH", "the last four digits belong to another account"
    E_AMOUNT_FORMAT = "E_AMOUNT_FORMAT", "the amount is not a plain decimal number"
    E_AMOUNT_NEGATIVE = "E_AMOUNT_NEGATIVE", "the amount is negative: nothing is owed"
    E_AMOUNT_RANGE = "E_AMOUNT_RANGE", "the amount has more than eight digits before the decimal point"
    E_AMOUNT_SCALE = "E_AMOUNT_SCALE", "the amount has more than two decimals"
    E_AMOUNT_ZERO = "E_AMOUNT_ZERO", "the amount is zero: nothing is owed"
    E_AS_OF_FUTURE = "E_AS_OF_FUTURE", "the balance is dated in the future"
    E_CURRENCY = "E_CURRENCY", "no such currency"
    E_DATE_FORMAT = "E_DATE_FORMAT", "the date is neither YYYY-MM-DD nor DD.MM.YYYY"
    E_DATE_INVALID = "E_DATE_INVALID", "no such day in the calendar"
    E_DATE_ORDER = "E_DATE_ORDER", "due before it was issued"
    E_DATE_RANGE = "E_DATE_RANGE", "the date is implausibly far away"
    E_IBAN_CHECKSUM = "E_IBAN_CHECKSUM", "the check digits of the account are wrong"
    E_IBAN_FORMAT = "E_IBAN_FORMAT", "not an account number"
    E_STAGE = "E_STAGE", "no such stage"
    E_STAGE_CAMPAIGN = "E_STAGE_CAMPAIGN", "the campaign does not handle this stage"
    E_STAGE_DATE = "E_STAGE_DATE", "the stage contradicts the due date"
    E_VERSION_FORMAT = "E_VERSION_FORMAT", "the balance version is not a whole number"

    # What is known of the balance
    E_CASE_UNKNOWN = "E_CASE_UNKNOWN", "the sender has no such case"
    E_CURRENCY_MISMATCH = "E_CURRENCY_MISMATCH", "the case is kept in another currency"
    E_STALE_VERSION = "E_STALE_VERSION", "a newer balance of the case is known"
    E_VERSION_CONFLICT = "E_VERSION_CONFLICT", "this version of the balance is known with another amount"
    W_PAYMENT = "W_PAYMENT", "what was paid, when or why cannot be read: dropped, the balance is taken"

    # When and where to call
    E_CALLBACK_FORMAT = "E_CALLBACK_FORMAT", "the call-back number is not a telephone number"
    E_HOURS_FORMAT = "E_HOURS_FORMAT", "the preferred hours are not HH:MM-HH:MM"
    E_TIMEZONE = "E_TIMEZONE", "no such time zone"

    # Why never to dial
    B_ATTORNEY = "B_ATTORNEY", "contact only through the debtor's attorney"
    B_DECEASED = "B_DECEASED", "the debtor has died"
    B_DISPUTE = "B_DISPUTE", "the claim is disputed"
    B_DO_NOT_CALL = "B_DO_NOT_CALL", "the debtor asked not to be called"
    B_INSOLVENCY = "B_INSOLVENCY", "the debtor is insolvent"
    B_MINOR = "B_MINOR", "the debtor is a minor"
    B_NO_PHONE = "B_NO_PHONE", "no telephone number was given"
    B_NO_VOICE = "B_NO_VOICE", "the debtor refused voice messages"
    B_PAUSED = "B_PAUSED", "the client has paused the case"
    B_STOPPED = "B_STOPPED", "the client has stopped the case for good"
    B_TIME_BARRED = "B_TIME_BARRED", "the claim against a consumer is time-barred"
    B_ERASED = "B_ERASED", "the debtor was erased"
    E_ERASED = "E_ERASED", "the debtor was erased: nothing of the row is kept"
    E_FLAG_UNKNOWN = "E_FLAG_UNKNOWN", "no such flag"

    # The telephone numbers: E_ when the row has no good one, W_ when another one is good
    E_NO_VALID_PHONE = "E_NO_VALID_PHONE", "several telephone numbers, none of them good"
    E_PHONE_COUNTRY = "E_PHONE_COUNTRY", "a country the campaign may not call"
    W_PHONE_COUNTRY = "W_PHONE_COUNTRY", "a country the campaign may not call"
    E_PHONE_COUNTRY_UNKNOWN = "E_PHONE_COUNTRY_UNKNOWN", "no such country code"
    W_PHONE_COUNTRY_UNKNOWN = "W_PHONE_COUNTRY_UNKNOWN", "no such country code"
    W_PHONE_DO_NOT_CALL = "W_PHONE_DO_NOT_CALL", "somebody asked not to be called there: only other numbers are called"
    E_PHONE_EMERGENCY = "E_PHONE_EMERGENCY", "an emergency number"
    W_PHONE_EMERGENCY = "W_PHONE_EMERGENCY", "an emergency number"
    E_PHONE_EMPTY = "E_PHONE_EMPTY", "no number"
    W_PHONE_EMPTY = "W_PHONE_EMPTY", "no number"
    E_PHONE_EXCEL = "E_PHONE_EXCEL", "a spreadsheet's scientific notation: digits are lost"
    W_PHONE_EXCEL = "W_PHONE_EXCEL", "a spreadsheet's scientific notation: digits are lost"
    E_PHONE_EXTENSION = "E_PHONE_EXTENSION", "a number with an extension"
    W_PHONE_EXTENSION = "W_PHONE_EXTENSION", "a number with an extension"
    E_PHONE_FORMAT = "E_PHONE_FORMAT", "not a telephone number"
    W_PHONE_FORMAT = "W_PHONE_FORMAT", "not a telephone number"
    E_PHONE_FREEPHONE = "E_PHONE_FREEPHONE", "a freephone number: a service, not a debtor"
    W_PHONE_FREEPHONE = "W_PHONE_FREEPHONE", "a freephone number: a service, not a debtor"
    E_PHONE_LENGTH = "E_PHONE_LENGTH", "too few or too many digits"
    W_PHONE_LENGTH = "W_PHONE_LENGTH", "too few or too many digits"
    E_PHONE_OWN_NUMBER = "E_PHONE_OWN_NUMBER", "the campaign's own number"
    W_PHONE_OWN_NUMBER = "W_PHONE_OWN_NUMBER", "the campaign's own number"
    E_PHONE_PLACEHOLDER = "E_PHONE_PLACEHOLDER", "one digit repeated: a placeholder"
    W_PHONE_PLACEHOLDER = "W_PHONE_PLACEHOLDER", "one digit repeated: a placeholder"
    E_PHONE_PREMIUM = "E_PHONE_PREMIUM", "a premium-rate or satellite number"
    W_PHONE_PREMIUM = "W_PHONE_PREMIUM", "a premium-rate or satellite number"
    W_PHONE_REPEATED = "W_PHONE_REPEATED", "the row names the same number twice"
    E_PHONE_SHARED_COST = "E_PHONE_SHARED_COST", "a shared-cost number: a service, not a debtor"
    W_PHONE_SHARED_COST = "W_PHONE_SHARED_COST", "a shared-cost number: a service, not a debtor"
    E_PHONE_SHORT_CODE = "E_PHONE_SHORT_CODE", "a short number: a service, not a debtor"
    W_PHONE_SHORT_CODE = "W_PHONE_SHORT_CODE", "a short number: a service, not a debtor"
    E_PHONE_UNASSIGNED = "E_PHONE_UNASSIGNED", "no such range in the numbering plan"
    W_PHONE_UNASSIGNED = "W_PHONE_UNASSIGNED", "no such range in the numbering plan"

    @property
    def rejects(self) -> bool:
        return self.startswith("E_")

    @property
    def blocks(self) -> bool:
        return self.startswith("B_")

    def as_warning(self) -> "Code":
        """The same reason for a number that is dropped while another of the row is good."""
        return Code["W" + self.name[1:]]
