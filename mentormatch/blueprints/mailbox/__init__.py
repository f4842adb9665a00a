"""The mailbox of a demo: messages that would have been sent."""
