"""Problems of files."""

from tessera.kit.errors import Forbidden, LimitExceeded, NotFound


class FileTooLarge(LimitExceeded):
    """The file is larger than the setting `files.max_bytes`."""

    reason = "files.too_large"
    sentence = "The file is larger than {limit} bytes."


class TooManyUploads(LimitExceeded):
    """The sender has many files waiting to be used."""

    reason = "files.too_many_uploads"
    sentence = "{limit} files already wait to be used. Use them, or wait a day."


class FileMissing(NotFound):
    """The content is not there, or the link to it is not good any more."""

    reason = "files.missing"
    sentence = "The file does not exist, or the link has expired."


class UploadUnknown(NotFound):
    """No file of the sender waits under this token."""

    reason = "files.upload_unknown"
    sentence = "The upload does not exist, has expired or was used already."


class ScriptHeaderMissing(Forbidden):
    """The credential is a cookie, which a foreign page could make a browser send."""

    reason = "files.script_header"
    sentence = "Send the header X-Tessera-Request: 1 with the cookie."
