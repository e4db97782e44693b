"""Problems of the settings."""

from tessera.kit.errors import Invalid, NotFound


class UnknownSetting(NotFound):
    """No slice declares a setting of this name."""

    reason = "settings.unknown"
    sentence = "There is no setting {name}."


class InvalidSettingValue(Invalid):
    """The value does not fit the declaration."""

    reason = "settings.invalid_value"
    sentence = "The setting {name} must be {expected}."
