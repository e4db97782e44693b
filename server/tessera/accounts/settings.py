"""What an administrator may change about passwords, sessions and who sees whom."""

from tessera.plugin import Setting

PASSWORD_MINIMUM_LENGTH = Setting(
    "accounts.password_minimum_length",
    int,
    default=8,
    sentence="How many characters a new password needs at least.",
    minimum=8,
    maximum=200,
)
ACCESS_TOKEN_MINUTES = Setting(
    "accounts.access_token_minutes",
    int,
    default=15,
    sentence="How many minutes a session's access token is good for before it must be refreshed.",
    minimum=1,
    maximum=1440,
)
SESSION_DAYS = Setting(
    "accounts.session_days",
    int,
    default=30,
    sentence="After how many days without a refresh a session ends.",
    minimum=1,
    maximum=366,
)
SIGN_IN_ATTEMPTS = Setting(
    "accounts.sign_in_attempts",
    int,
    default=10,
    sentence="How many failed sign-ins a login or a network address has before it must wait.",
    minimum=1,
    maximum=1000,
)
SIGN_IN_WINDOW_MINUTES = Setting(
    "accounts.sign_in_window_minutes",
    int,
    default=15,
    sentence="For how many minutes a failed sign-in counts.",
    minimum=1,
    maximum=1440,
)
SHARE_CUSTOMER_TICKETS = Setting(
    "accounts.share_customer_tickets",
    bool,
    default=True,
    sentence="Whether customer users see the tickets and the people of their own customer.",
)
