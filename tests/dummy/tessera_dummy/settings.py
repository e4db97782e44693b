"""What administrators may change about remarks."""

from tessera.plugin import Setting

FORBIDDEN = Setting("dummy.forbidden_word", str, default="mumble", sentence="A word that no remark contains.")
