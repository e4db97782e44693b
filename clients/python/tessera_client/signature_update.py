from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import UserErrorFields


class SignatureUpdate(BaseModel):
    signature_update: "SignatureUpdateSignatureUpdate" = Field(alias="signatureUpdate")


class SignatureUpdateSignatureUpdate(BaseModel):
    signature: Optional["SignatureUpdateSignatureUpdateSignature"]
    user_errors: list["SignatureUpdateSignatureUpdateUserErrors"] = Field(
        alias="userErrors"
    )


class SignatureUpdateSignatureUpdateSignature(BaseModel):
    id: str
    name: str
    text: str
    active: bool
    version: int


SignatureUpdateSignatureUpdateUserErrors = UserErrorFields
SignatureUpdate.model_rebuild()
SignatureUpdateSignatureUpdate.model_rebuild()
