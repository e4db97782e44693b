"""Blobs by digest: uploads, attachments, raw mails."""
