"""The postmaster: messages in become articles, articles out become messages."""
